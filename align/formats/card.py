"""The card of a data set: what the Hub reads at its head, and what people read below."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from align.formats.finished import Run
from align.formats.statistics import CorpusSummary, run_languages
from align.languages import language

CARD_MARK = "align-corpus"

# Those of the Hub's licence identifiers that are given to data
# (https://huggingface.co/docs/hub/repositories-licenses); any other is written as "other" with a name.
_LICENCES = """
    afl-3.0 apache-2.0 bsd bsd-2-clause bsd-3-clause c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0
    cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0
    cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0
    etalab-2.0 eupl-1.1 eupl-1.2 gfdl gpl gpl-2.0 gpl-3.0 lgpl-lr mit odbl odc-by pddl unknown unlicense
"""
HUB_LICENCES = frozenset(_LICENCES.split())

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
          (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"))


@dataclass(frozen=True, slots=True)
class SplitInfo:
    """The rows of a split, and their bytes in memory."""

    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ConfigInfo:
    """What `datasets` wants to know of a config: features as in its metadata, its splits, and bytes on disk."""

    features: Mapping[str, Any]
    splits: Mapping[str, SplitInfo]
    size: int


@dataclass(frozen=True, slots=True)
class Card:
    """What a card is made of."""

    run: Run
    summary: CorpusSummary
    licence: str | None
    title: str | None
    min_confidence: float
    configs: Mapping[str, ConfigInfo]
    repo_id: str | None = None


def write_card(path: Path, card: Card) -> None:
    """Write the card of a corpus."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # Markdown, not HTML: what comes from outside goes through the filter `md`.
    environment = Environment(loader=PackageLoader("align.formats"), undefined=StrictUndefined, autoescape=False,
                              trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters.update(md=escape_markdown, p=lambda value: f"{value:.3f}", n=lambda value: f"{value:,}")
    languages = run_languages(card.run)
    summary = card.summary
    title = card.title or _default_title([language(tag).english for tag in summary.languages])
    names = {tag: (language(tag).english, language(tag).own) for tag in languages}
    body = environment.get_template("card.md.j2").render(
        title=title, pairs=summary.pairs, units=summary.units, languages=languages, names=names, hosts=_hosts(card.run),
        left_out=summary.left_out, licence=card.licence, stories=_stories(card.run),
        method=method(card.run.info, card.min_confidence),
        example=next(iter(summary.pairs), None), repo_id=card.repo_id or "path/or/repository",
        generated=sum(pair.generated for pair in summary.pairs.values()), configs=card.configs,
        checked=sum(pair.checked for pair in summary.pairs.values()), sources=_sources(card.run),
    )
    path.write_text(f"---\n{_yaml(_metadata(card, title))}---\n{body}", encoding="utf-8", newline="\n")


def method(info: Mapping[str, Any], min_confidence: float = 0.0) -> dict[str, str]:
    """Return the tool, encoder and least confidence of a run by its signature; no times, no paths."""
    versions, options, encoder = (info.get(key) or {} for key in ("versions", "options", "encoder"))
    name = encoder.get("name", "") if isinstance(encoder, Mapping) else str(encoder)
    least = max(float(options.get("min_confidence") or 0.0), min_confidence)
    try:
        installed = version("align-corpus")
    except PackageNotFoundError:
        installed = "unknown"
    found = {"align": versions.get("align", info.get("align", installed)), "encoder": PurePath(name).name
             if PurePath(name).is_absolute() else name, "min_confidence": least or ""}
    return {key: "" if value is None else str(value) for key, value in found.items()}


def escape_markdown(value: object) -> str:
    """Return text that Markdown shows as it is, on one line, without markup, links or table borders."""
    text = "".join(char for char in " ".join(str(value).split()) if char.isprintable())
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", html.escape(text, quote=False))


def _metadata(card: Card, title: str) -> dict[str, Any]:
    pairs, units, languages = card.summary.pairs, card.summary.units, card.summary.languages
    rows = max([units.rows, *(pair.rows for pair in pairs.values())])
    scripted = [tag for tag in languages if "-" in tag]
    configs: list[dict[str, Any]] = [{"config_name": "all", "default": True}]
    configs += [{"config_name": name} for name in pairs]
    for config in configs:
        name = config["config_name"]
        config["data_files"] = [{"split": split, "path": f"{name}/{split}-*.parquet"} for split in card.configs[name].splits]
    return {
        "pretty_name": title,
        "language": list(dict.fromkeys(language(tag).hub for tag in languages)),
        **({"language_bcp47": scripted} if scripted else {}),
        **_licence(card.licence),
        "task_categories": ["translation"],
        "size_categories": [next((name for limit, name in _SIZES if rows < limit), "n>1B")],
        "multilinguality": ["translation", "multilingual"],
        "annotations_creators": ["machine-generated"] + ["expert-generated"] * any(p.checked for p in pairs.values()),
        "language_creators": ["found"],
        "source_datasets": [f"extended|{name}" for name in _sources(card.run)] or ["original"],
        "tags": ["parallel-corpus", "sentence-alignment", CARD_MARK],
        "configs": configs,
        "dataset_info": [_dataset_info(config["config_name"], card.configs[config["config_name"]]) for config in configs],
    }


def _dataset_info(name: str, info: ConfigInfo) -> dict[str, Any]:
    splits = [{"name": split, "num_bytes": part.bytes, "num_examples": part.rows} for split, part in info.splits.items()]
    return {"config_name": name, "features": [_named(key, feature) for key, feature in info.features.items()],
            "splits": splits, "download_size": info.size, "dataset_size": sum(part.bytes for part in info.splits.values())}


def _named(name: str, feature: Mapping[str, Any]) -> dict[str, Any]:
    """Return a feature as the head of a card has it."""
    return {"name": name, **_shape(feature)}


def _shape(feature: Mapping[str, Any]) -> dict[str, Any]:
    kind = feature.get("_type")
    if kind == "Value":
        return {"dtype": feature["dtype"]}
    if kind == "Sequence":
        inner = _shape(feature["feature"])
        return {"sequence": inner.get("dtype", inner)}
    if kind == "Translation":
        return {"dtype": {"translation": {"languages": feature["languages"]}}}
    of = {"languages": feature["languages"], "num_languages": feature["num_languages"]}
    return {"dtype": {"translation_variable_languages": of}}


def _sources(run: Run) -> list[str]:
    """Return the data sets of the Hub that the reports came from."""
    names = [source.removeprefix("hf:").split("?")[0] for source in run.info.get("sources") or []
             if isinstance(source, str) and source.startswith("hf:")]
    return sorted({name for name in names if re.fullmatch(r"[\w.-]+/[\w.-]+", name)})


def _licence(licence: str | None) -> dict[str, str]:
    if licence is None:
        return {"license": "unknown"}
    identifier = re.sub(r"\s+", "-", licence.strip().lower())
    if identifier in HUB_LICENCES:
        return {"license": identifier}
    return {"license": "other", "license_name": re.sub(r"[^a-z0-9.+]+", "-", identifier).strip("-"),
            "license_details": licence.strip()}


def _yaml(value: Mapping[str, Any], indent: str = "") -> str:
    """Return a mapping of strings, numbers, booleans, lists and mappings as YAML; JSON's strings are YAML's strings."""
    lines = []
    for key, item in value.items():
        if key == "features":
            lines.append(f"{indent}{key}: {_scalar(item)}\n")  # on one line, for there are many and nobody reads them
        elif isinstance(item, Mapping):
            lines.append(f"{indent}{key}:\n{_yaml(item, indent + '  ')}")
        elif isinstance(item, list):
            lines.append(f"{indent}{key}:\n")
            for element in item:
                if isinstance(element, Mapping):
                    lines.append(f"{indent}- {_yaml(element, indent + '  ').removeprefix(indent + '  ')}")
                else:
                    lines.append(f"{indent}- {_scalar(element)}\n")
        else:
            lines.append(f"{indent}{key}: {_scalar(item)}\n")
    return "".join(lines)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        value = "".join(char for char in value if char.isprintable())
    return json.dumps(value, ensure_ascii=False)


def _default_title(names: list[str]) -> str:
    if not names:
        return "Parallel corpus"
    if len(names) > 5:
        return f"Parallel corpus of reports in {len(names)} languages"
    return "Parallel corpus of reports in " + " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _hosts(run: Run) -> list[tuple[str, int]]:
    hosts = Counter(urlsplit(about.url).hostname or "" for about in run.documents.values() if about.url)
    return sorted(((host, count) for host, count in hosts.items() if host), key=lambda item: (-item[1], item[0]))


def _stories(run: Run) -> int:
    return len({story for batch in run.batches("stories", ("story",)) for story in batch["story"].to_pylist() if story})
