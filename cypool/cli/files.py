"""Arrays in and out of files: images through Pillow, .npy through NumPy.

An image is an array with its rows and columns first and its channels, if any, last: (H, W), (H, W, 3) or
(H, W, 4), of uint8, uint16 (one channel), bool or float32 as the file has it. What a file cannot hold is refused,
never converted. A result is written to a temporary file beside its target and then moved onto it, so that the
target is either whole or as it was.
"""

import contextlib
import os
import warnings
from pathlib import Path

import numpy as np

from cypool.cli.errors import CommandError, one_line, require

# Pillow's modes that are taken as they are; any other one is converted to RGB, or to RGBA if it is transparent.
PLAIN_MODES = ("1", "L", "RGB", "RGBA", "I", "I;16", "I;16B", "I;16L", "F")
# How many channels an image of each dtype may have.
CHANNELS = {"uint8": (1, 3, 4), "uint16": (1,), "float32": (1,), "bool": (1,)}


def is_array_file(path):
    """Whether `path` is NumPy's own format; everything else is an image."""
    return path.suffix.lower() == ".npy"


def read(path):
    """The array in the file `path`."""
    try:
        if not is_array_file(path):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # on odd metadata and large images; what matters is an error
                return _read_image(path)
        with open(path, "rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except CommandError:
        raise
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror or one_line(error)}") from error
    except Exception as error:  # the decoders of damaged files raise nearly everything
        raise CommandError(f"cannot read {path}: {one_line(error)}") from error


def _read_image(path):
    Image = require("PIL.Image", "Pillow", "reading images")
    ImageOps = require("PIL.ImageOps", "Pillow", "reading images")
    with Image.open(path) as image:
        if getattr(image, "n_frames", 1) > 1:
            raise CommandError(f"cannot read {path}: it holds {image.n_frames} frames, one is wanted")
        if image.mode in ("RGB", "RGBA", "LA") and any("16" in str(tile[3]) for tile in image.tile):
            raise CommandError(f"cannot read {path}: Pillow keeps only 8 bits of a 16-bit colour image")
        is_png = image.format == "PNG"
        image = ImageOps.exif_transpose(image)
        if image.mode not in PLAIN_MODES:
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        if image.mode.startswith("I;16") or (image.mode == "I" and is_png):  # older Pillows open 16-bit PNG as "I"
            return np.asarray(image).astype(np.uint16)
        return np.asarray(image)


def check_target(path):
    """Refuse, before any work is done, a target that could not be written afterwards."""
    if not is_array_file(path):
        _image_format(path)
    if not path.parent.is_dir():
        raise CommandError(f"cannot write {path}: there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise CommandError(f"cannot write {path}: it is not a regular file")
    if not os.access(path.resolve().parent, os.W_OK):
        raise CommandError(f"cannot write {path}: the folder {path.parent} is not writable")


def write(path, array):
    """Write `array` to `path` in the format that its extension names."""
    with replacing(path) as file:
        if is_array_file(path):
            np.save(file, array, allow_pickle=False)
        else:
            _as_image(path, array).save(file, format=_image_format(path))


@contextlib.contextmanager
def replacing(path):
    """A binary file that becomes `path` when the block succeeds and vanishes when it does not."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "xb") as file:
            yield file
        os.replace(temporary, target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        raise CommandError(f"cannot write {path}: {reason}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _image_format(path):
    """Pillow's name of the format that `path`'s extension stands for."""
    Image = require("PIL.Image", "Pillow", "writing images")
    name = Image.registered_extensions().get(path.suffix.lower())
    if name is None or name not in Image.SAVE:
        extension = f"the extension {path.suffix}" if path.suffix else "a name without extension"
        raise CommandError(f"cannot write {path}: {extension} is unknown; use .npy, .png, .tif, .jpg, ...")
    return name


def _as_image(path, array):
    Image = require("PIL.Image", "Pillow", "writing images")
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in CHANNELS.get(array.dtype.name, ()):
        raise CommandError(
            f"cannot write {path}: an image holds (H, W), (H, W, 3) or (H, W, 4) of uint8, or (H, W) of uint16, "
            f"float32 or bool, not {array.shape} of {array.dtype}; write a .npy file"
        )
    if array.ndim == 3 and channels == 1:
        array = array[:, :, 0]
    return Image.fromarray(np.ascontiguousarray(array))
