"""Let the network in C read the digits that it was not trained on, and compare its scores with the network in Python."""

from pathlib import Path

import digits
import numpy as np
from network import LAYERS, forward

LEAST_RIGHT = 0.95

data = np.load(Path(__file__).with_name("digits.npz"))
pixels, labels = data["pixels"], data["labels"]
weights = {name: data[name] * data[f"{name}_scale"] for name in LAYERS}
want = forward(weights, pixels[:, np.newaxis].astype(np.float32) / 16)
for release_gil in (False, True):
    scores = np.zeros((len(pixels), 10), np.float32)
    digits.classify(pixels, scores, release_gil)
    # sums of at most 72 products in float32, in another order
    np.testing.assert_allclose(scores, want, rtol=0, atol=256 * np.finfo(np.float32).eps * np.abs(want).max())
    right = (scores.argmax(1) == labels).mean()
    assert right >= LEAST_RIGHT
    how = "without" if release_gil else "with"
    print(f"digits in C, {how} the GIL: {right:.1%} of {len(labels)} images right, scores as in Python")
print("an image, and what it is taken for:", scores[7].argmax())
for row in pixels[7]:
    print("   ", "".join(" .:-=+*#%@"[min(int(v) // 2, 9)] for v in row))
