"""The command line, as a user runs it: another process, real files, one line and exit status 2 for what goes wrong."""

import os
import subprocess
import sys

import numpy as np
import pytest

import cypool


def cypool_command(*arguments, cwd, setup=""):
    """Run the command in the folder `cwd`, which then holds nothing but what the command wrote there."""
    start = [sys.executable, "-m", "cypool"]
    if setup:
        start = [sys.executable, "-c", f"import sys; {setup}; from cypool.cli import main; sys.exit(main())"]
    arguments = [os.fspath(argument) for argument in arguments]
    return subprocess.run([*start, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300)


def assert_error(result, *words):
    """One clear line on stderr, nothing on stdout, status 2."""
    assert result.returncode == 2, result
    assert result.stdout == ""
    assert result.stderr.startswith("cypool: error: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


@pytest.fixture
def image_module():
    return pytest.importorskip("PIL.Image")


@pytest.fixture
def pixels(image_module):
    """A function that reads an image file."""

    def read(path):
        with image_module.open(path) as image:
            return np.asarray(image)

    return read


@pytest.fixture
def rgb(image_module, tmp_path):
    """An RGB image, and its file in.png."""
    x = np.random.default_rng(0).integers(0, 256, (31, 45, 3), np.uint8)
    image_module.fromarray(x).save(tmp_path / "in.png")
    return x


@pytest.fixture
def stack(tmp_path):
    """A float32 array, and its file in.npy."""
    x = np.random.default_rng(1).standard_normal((2, 3, 20, 24), np.float32)
    np.save(tmp_path / "in.npy", x)
    return x


def test_info(tmp_path):
    result = cypool_command("info", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert cypool.__version__ in result.stdout


def test_version(tmp_path):
    assert cypool_command("--version", cwd=tmp_path).stdout == f"cypool {cypool.__version__}\n"


def test_without_a_command_the_help_is_printed(tmp_path):
    result = cypool_command(cwd=tmp_path)
    assert result.returncode == 2
    assert "demo" in result.stdout and "pool" in result.stdout and "info" in result.stdout


def test_an_image_is_pooled_over_its_first_two_axes(rgb, pixels, tmp_path):
    arguments = "pool in.png -o out.png --op max --kernel 3 --stride 2 --padding 1".split()
    result = cypool_command(*arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "in.png (31, 45, 3) uint8 -> out.png (16, 23, 3) uint8\n"
    expected = cypool.max_pool(rgb, 3, 2, 1, axes=(0, 1))
    np.testing.assert_array_equal(pixels(tmp_path / "out.png"), expected)
    assert sorted(os.listdir(tmp_path)) == ["in.png", "out.png"]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
def test_modes_survive_the_way_through_a_png(mode, image_module, pixels, tmp_path):
    shape = (12, 18) + ((len(mode),) if mode.startswith("RGB") else ())
    x = np.random.default_rng(2).integers(0, 65536 if "16" in mode else 256, shape)
    x = x.astype(np.uint16 if "16" in mode else np.uint8)
    image_module.fromarray(x).save(tmp_path / "in.png")
    result = cypool_command("pool", "in.png", "-o", "out.png", "--op", "min", "--kernel", "2,3", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    np.testing.assert_array_equal(pixels(tmp_path / "out.png"), cypool.min_pool(x, (2, 3), axes=(0, 1)))


def test_an_array_is_pooled_over_its_last_two_axes(stack, tmp_path):
    arguments = "pool in.npy -o out.npy --op avg --kernel 3 --padding 1 --exclude-pad --ceil-mode".split()
    assert cypool_command(*arguments, cwd=tmp_path).returncode == 0
    expected = cypool.avg_pool(stack, 3, padding=1, ceil_mode=True, count_include_pad=False, axes=(-2, -1))
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), expected)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--kernel", "2", "--axes", "0,2"], lambda x: cypool.max_pool(x, 2, axes=(0, 2))),
        (["--kernel", "2", "--axes=-3"], lambda x: cypool.max_pool(x, 2, axes=(-3,))),
        (["--kernel", "1,2,3"], lambda x: cypool.max_pool(x, (1, 2, 3), axes=(-3, -2, -1))),
        (
            ["--kernel", "3", "--stride", "1", "--padding", "same", "--dilation", "2", "--threads", "1"],
            lambda x: cypool.max_pool(x, 3, 1, "same", 2),
        ),
        (["--kernel", "3", "--padding", "0:2,1:0"], lambda x: cypool.max_pool(x, 3, padding=((0, 2), (1, 0)))),
        (["--kernel", "3", "--padding", "1,0"], lambda x: cypool.max_pool(x, 3, padding=(1, 0))),
    ],
)
def test_options_reach_the_operator(options, expected, stack, tmp_path):
    result = cypool_command("pool", "in.npy", "-o", "out.npy", "--op", "max", *options, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), expected(stack))


def test_adaptive_and_global_operators(rgb, stack, pixels, tmp_path):
    command = "pool in.png -o small.png --op adaptive_avg --output-size 8,5".split()
    assert cypool_command(*command, cwd=tmp_path).returncode == 0
    expected = cypool.adaptive_avg_pool(rgb, (8, 5), axes=(0, 1))
    np.testing.assert_array_equal(pixels(tmp_path / "small.png"), expected)
    assert cypool_command(*"pool in.npy -o out.npy --op global_max".split(), cwd=tmp_path).returncode == 0
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), stack.max((2, 3), keepdims=True))


def test_several_files_go_into_a_folder_behind_a_progress_bar(image_module, pixels, tmp_path):
    pytest.importorskip("tqdm")
    (tmp_path / "out").mkdir()
    for name in "ab":
        image_module.new("L", (8, 6)).save(tmp_path / f"{name}.png")
    result = cypool_command("pool", "a.png", "b.png", "-o", "out", "--op", "max", "--kernel", "2", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "2/2" in result.stderr
    assert sorted(os.listdir(tmp_path / "out")) == ["a.png", "b.png"]
    assert pixels(tmp_path / "out" / "b.png").shape == (3, 4)


MAX3 = ["--op", "max", "--kernel", "3"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pool"], ["required"]),
        (["pull"], ["pull"]),
        (["pool", "in.npy", "-o", "out.npy", "--op", "maximum", "--kernel", "3"], ["--op", "maximum"]),
        (["pool", "in.npy", "-o", "out.npy", "--op", "max"], ["--kernel"]),
        (["pool", "in.npy", "-o", "out.npy", "--op", "adaptive_max"], ["--output-size"]),
        (["pool", "in.npy", "-o", "out.npy", "--op", "max", "--kernel", "x"], ["--kernel", "'x'"]),
        (["pool", "in.npy", "-o", "out.npy", *MAX3, "--padding", "0:1:2"], ["--padding"]),
        (["pool", "in.npy", "-o", "out.npy", *MAX3, "--padding", "0:1,2"], ["--padding", "pairs"]),
        (["pool", "in.npy", "-o", "out.npy", *MAX3, "--rounding", "floor"], ["--rounding", "max"]),
        (["pool", "in.npy", "-o", "out.npy", "--op", "max", "--kernel", "0"], ["in.npy", "kernel_size", "0"]),
        (["pool", "in.npy", "-o", "out.npy", "--op", "max", "--kernel", "99"], ["in.npy", "99"]),
        (["pool", "in.npy", "-o", "out.npy", *MAX3, "--axes", "0,9"], ["in.npy", "9"]),
        (["pool", "none.npy", "-o", "out.npy", *MAX3], ["none.npy", "no such file"]),
        (["pool", ".", "-o", "out.npy", *MAX3], ["not a file"]),
        (["pool", "bad.npy", "-o", "out.npy", *MAX3], ["bad.npy"]),
        (["pool", "short.npy", "-o", "out.npy", *MAX3], ["short.npy"]),
        (["pool", "objects.npy", "-o", "out.npy", *MAX3], ["objects.npy"]),
        (["pool", "complex.npy", "-o", "out.npy", *MAX3], ["complex.npy", "complex"]),
        (["pool", "in.npy", "-o", "none/out.npy", *MAX3], ["none"]),
        (["pool", "in.npy", "-o", "none/", *MAX3], ["none", "folder"]),
        (["pool", "in.npy", "complex.npy", "-o", "out.npy", *MAX3], ["out.npy", "folder"]),
        (["pool", "in.npy", "-o", ".", *MAX3], ["in.npy", "itself"]),
        (["pool", "in.npy", "sub/in.npy", "-o", "sub2", *MAX3], ["more than one"]),
        (["pool", "in.npy", "-o", "/dev/null", *MAX3], ["/dev/null"]),
        (["demo", "-o", "none/demo.png"], ["none"]),
    ],
)
def test_errors_are_one_line_and_write_nothing(arguments, words, stack, tmp_path):
    for folder in ("sub", "sub2"):
        (tmp_path / folder).mkdir()
    np.save(tmp_path / "sub" / "in.npy", stack)
    (tmp_path / "bad.npy").write_text("not an array")
    (tmp_path / "short.npy").write_bytes((tmp_path / "in.npy").read_bytes()[:-100])
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    np.save(tmp_path / "complex.npy", np.ones((9, 9), complex))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    if arguments[0] == "demo":
        pytest.importorskip("matplotlib")
    if "/dev/null" in arguments:
        pytest.importorskip("PIL")
    assert_error(cypool_command(*arguments, cwd=tmp_path), *words)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("bad.png", "out.png", ["bad.png"]),
        ("short.png", "out.png", ["short.png"]),
        ("in.png", "out.xyz", [".xyz"]),
        ("in.png", "out", ["extension"]),
        ("in.txt", "out.png", ["in.txt"]),
        ("two.tif", "out.png", ["2 frames"]),
        ("wide.npy", "out.png", ["float64", ".npy"]),
    ],
)
def test_image_errors_are_one_line_and_write_nothing(source, target, words, rgb, image_module, tmp_path):
    (tmp_path / "bad.png").write_text("not an image")
    (tmp_path / "in.txt").write_text("not an image")
    (tmp_path / "short.png").write_bytes((tmp_path / "in.png").read_bytes()[:-1000])
    frame = image_module.fromarray(rgb)
    frame.save(tmp_path / "two.tif", save_all=True, append_images=[frame])
    np.save(tmp_path / "wide.npy", np.ones((9, 9)))
    before = sorted(os.listdir(tmp_path))
    assert_error(cypool_command("pool", source, "-o", target, *MAX3, cwd=tmp_path), *words)
    assert sorted(os.listdir(tmp_path)) == before


def test_sums_of_pixels_do_not_fit_an_image(rgb, tmp_path):
    arguments = "pool in.png -o out.png --op sum --kernel 2".split()
    assert_error(cypool_command(*arguments, cwd=tmp_path), "uint64", ".npy")
    assert not (tmp_path / "out.png").exists()


def test_a_failure_leaves_the_earlier_result_as_it_was(stack, tmp_path):
    (tmp_path / "out.npy").write_bytes(b"earlier")
    setup = "import numpy; numpy.save = lambda file, *a, **k: (file.write(b'half'), 1 / 0)"
    result = cypool_command("pool", "in.npy", "-o", "out.npy", *MAX3, cwd=tmp_path, setup=setup)
    assert "ZeroDivisionError" in result.stderr
    assert (tmp_path / "out.npy").read_bytes() == b"earlier"
    assert sorted(os.listdir(tmp_path)) == ["in.npy", "out.npy"]


def test_a_full_disk_is_one_line(stack, tmp_path):
    setup = "import numpy; numpy.save = lambda *a, **k: (_ for _ in ()).throw(OSError(28, 'No space left on device'))"
    result = cypool_command("pool", "in.npy", "-o", "out.npy", *MAX3, cwd=tmp_path, setup=setup)
    assert_error(result, "out.npy", "No space left")
    assert sorted(os.listdir(tmp_path)) == ["in.npy"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_one_line(stack, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    assert_error(cypool_command("pool", "in.npy", "-o", "locked/out.npy", *MAX3, cwd=tmp_path), "locked")


@pytest.mark.parametrize(
    ("module", "arguments", "package"),
    [
        ("PIL", ["pool", "in.npy", "-o", "out.png", *MAX3], "Pillow"),
        ("tqdm", ["pool", "in.npy", "in2.npy", "-o", "out", *MAX3], "tqdm"),
        ("matplotlib", ["demo"], "matplotlib"),
    ],
)
def test_a_missing_package_names_the_extra(module, arguments, package, stack, tmp_path):
    np.save(tmp_path / "in2.npy", stack)
    (tmp_path / "out").mkdir()
    result = cypool_command(*arguments, cwd=tmp_path, setup=f"sys.modules[{module!r}] = None")
    assert_error(result, package, 'pip install "cypool[demo]"')
    assert os.listdir(tmp_path / "out") == []


def test_the_demo_checks_times_and_draws(pixels, tmp_path):
    for package in ("matplotlib", "skimage"):
        pytest.importorskip(package)
    setup = "sys.modules['torch'] = None"  # its comparison takes longest and belongs to no test
    result = cypool_command("demo", "-o", "demo.png", cwd=tmp_path, setup=setup)
    assert result.returncode == 0, result.stderr
    for word in ("max k3 s2 p1", "avg", "global max", "backward", "CC0", "NumPy", "demo.png"):
        assert word in result.stdout
    picture = pixels(tmp_path / "demo.png")[..., :3]
    assert picture.shape[1] >= 1200 and len(np.unique(picture.reshape(-1, 3), axis=0)) > 1000
    assert os.listdir(tmp_path) == ["demo.png"]
