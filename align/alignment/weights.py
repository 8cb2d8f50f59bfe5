"""The aligner's weights: readable JSON beside the encoder that they were fitted for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from align.alignment.evidence import FEATURES, Scale
from align.alignment.semicrf import Floats
from align.alignment.unrelated import Unrelated
from align.errors import FormatError

FILE_NAME = "aligner.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each feature counts, on which scale of cosines, and what the weights were fitted on."""

    features: Mapping[str, float]
    scale: Scale
    unrelated: Unrelated = field(default_factory=Unrelated)
    made: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, vector: Floats, scale: Scale, unrelated: Unrelated, **made: Any) -> Weights:
        """Return weights from a vector in the order of FEATURES."""
        features = {name: round(float(value), 5) for name, value in zip(FEATURES, vector, strict=True)}
        return cls(features, scale, unrelated, made)

    @property
    def vector(self) -> Floats:
        """The weights in the order of FEATURES."""
        return np.array([self.features[name] for name in FEATURES])

    @property
    def signature(self) -> str:
        """A hash of what the weights do."""
        content = json.dumps([sorted(self.features.items()), asdict(self.scale), asdict(self.unrelated)])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def save(self, path: Path) -> None:
        """Write the weights as JSON."""
        content = {
            "features": dict(self.features), "scale": asdict(self.scale), "unrelated": asdict(self.unrelated),
            "made": dict(self.made),
        }  # fmt: skip
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Weights:
        """Read weights from JSON.

        Raises FormatError where the file is not weights of this version's features.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            unrelated = Unrelated(**content["unrelated"])
            weights = cls(content["features"], Scale(**content["scale"]), unrelated, content.get("made", {}))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FormatError(f"{path}: not aligner weights ({error}); make new ones with `align calibrate`") from error
        if set(weights.features) != set(FEATURES):
            odd = ", ".join(sorted(set(weights.features) ^ set(FEATURES)))
            raise FormatError(f"{path}: weights of another version (features {odd}); make new ones with `align calibrate`")
        return weights
