"""The aligner's weights: readable JSON beside the encoder that they were fitted for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from align.alignment.evidence import FEATURES
from align.alignment.glance import GLANCE
from align.alignment.refining import REFINED
from align.alignment.semicrf import Floats
from align.alignment.sides import Scale
from align.alignment.unrelated import Unrelated
from align.errors import FormatError

GENERAL_WEIGHTS = Path(__file__).resolve().parents[1] / "data" / "aligner-general.json"
FILE_NAME = "aligner.json"
OF_VECTORS_NAME = "aligner-vectors.json"  # for vectors that come without the subwords of their sentences
_SHOWN = 3  # names of features in a message


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each feature counts, on which scale of cosines, and what the weights were fitted on.

    `glance` are those of the first look, in the names of GLANCE, `features` of the first pass, `refined` of the second, in
    the names of REFINED, where the encoder has vectors of subwords.
    """

    glance: Mapping[str, float]
    features: Mapping[str, float]
    scale: Scale
    unrelated: Unrelated = field(default_factory=Unrelated)
    made: Mapping[str, Any] = field(default_factory=dict)
    refined: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls, look: Floats, vector: Floats, scale: Scale, unrelated: Unrelated, refined: Floats | None = None, **made: Any
    ) -> Weights:
        """Return weights from vectors in the orders of GLANCE, FEATURES and REFINED."""
        second = {} if refined is None else _named(REFINED, refined)
        return cls(_named(GLANCE, look), _named(FEATURES, vector), scale, unrelated, made, second)

    @property
    def glance_vector(self) -> Floats:
        """The weights of the first look in the order of GLANCE."""
        return np.array([self.glance[name] for name in GLANCE])

    @property
    def vector(self) -> Floats:
        """The weights in the order of FEATURES."""
        return np.array([self.features[name] for name in FEATURES])

    @property
    def refined_vector(self) -> Floats | None:
        """The weights of the second pass in the order of REFINED; None where there is none."""
        return np.array([self.refined[name] for name in REFINED]) if self.refined else None

    @property
    def signature(self) -> str:
        """A hash of what the weights do."""
        parts = [sorted(part.items()) for part in (self.glance, self.features, self.refined)]
        content = json.dumps([*parts, asdict(self.scale), asdict(self.unrelated)])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def save(self, path: Path) -> None:
        """Write the weights as JSON."""
        content = {
            "glance": dict(self.glance), "features": dict(self.features), "refined": dict(self.refined),
            "scale": asdict(self.scale), "unrelated": asdict(self.unrelated), "made": dict(self.made),
        }  # fmt: skip
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Weights:
        """Read weights from JSON.

        Raises FormatError where the file is not weights of this version's features.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            unrelated = Unrelated(**content["unrelated"])
            made, refined = content.get("made", {}), content.get("refined", {})
            scale, look = Scale(**content["scale"]), content.get("glance", {})
            weights = cls(look, content["features"], scale, unrelated, made, refined)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FormatError(f"{path}: not aligner weights ({error}); make new ones with `align calibrate`") from error
        odd_names = set(weights.features) ^ set(FEATURES) | set(weights.glance) ^ set(GLANCE)
        odd_names |= set(weights.refined) ^ set(REFINED) if weights.refined else set()
        if odd_names:
            odd = ", ".join(sorted(odd_names)[:_SHOWN]) + (" …" if len(odd_names) > _SHOWN else "")
            raise FormatError(f"{path}: weights of another version (features {odd}); make new ones with `align calibrate`")
        return weights


def _named(names: Sequence[str], vector: Floats) -> dict[str, float]:
    return {name: round(float(value), 5) for name, value in zip(names, vector, strict=True)}
