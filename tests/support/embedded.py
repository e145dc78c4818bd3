"""The C API from Python: the table of functions by ctypes, arrays as pointers, and what the header says."""

import ctypes
import json
import re
from pathlib import Path

import numpy as np

import cypool

CLIENTS = Path(__file__).parents[1] / "clients"
FROZEN = json.loads((CLIENTS / "abi.json").read_text("utf-8"))
HEADER = Path(cypool.get_include(), "cypool", "cypool.h")
CODES = FROZEN["codes"]
INPUT, OUTPUT, INDICES = range(3)
DTYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
DTYPES += ["float16", "bfloat16", "float32", "float64"]


def facts(text):
    """What a header promises: version, codes, the table's fields and the functions that call them, each on one line."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    table = re.search(r"typedef struct cypool_api \{(.*?)\} cypool_api;", text, re.DOTALL)[1]
    functions = re.findall(r"static inline ([^{;]*?)\s*\{", text)
    return {
        "version": [int(re.search(rf"#define CYPOOL_API_{part} (\d+)", text)[1]) for part in ("MAJOR", "MINOR")],
        "capsule": re.search(r'#define CYPOOL_CAPSULE "(.*)"', text)[1],
        "codes": {name: int(value) for name, value in re.findall(r"(CYPOOL_\w+) = (\d+)", text)},
        "table": [" ".join(field.split()) for field in table.split(";") if field.strip()],
        "functions": [" ".join(function.split()) for function in functions],
    }


def _ctype(declared):
    if "*" in declared:
        return ctypes.c_void_p
    return {"int": ctypes.c_int, "size_t": ctypes.c_size_t, "void": None}[declared.split()[0]]


def _field(declared):
    """A field of the table as ctypes has it; functions are called without the GIL."""
    function = re.fullmatch(r"(.*)\(\*(\w+)\)\((.*)\)", declared)
    if function is None:
        return declared.split()[1], ctypes.c_int
    returns, name, arguments = function.groups()
    result = ctypes.c_char_p if "char" in returns else _ctype(returns)
    return name, ctypes.CFUNCTYPE(result, *map(_ctype, arguments.split(",")))


def table_of(fields):
    """The table, seen as fields of this form."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    layout = type("Table", (ctypes.Structure,), {"_fields_": [_field(field) for field in fields]})
    return layout.from_address(pointer(cypool._C_API, FROZEN["capsule"].encode()))


API = table_of(FROZEN["table"])
ADDRESS = ctypes.addressof(API)


class Refused(Exception):
    """An error code that is not CYPOOL_OK, by its name, and the message."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.name = next(name for name, value in CODES.items() if value == code)


def call(name, *arguments):
    """Call a function that ends in (message, message_size), and raise what it refuses."""
    message = ctypes.create_string_buffer(b"untouched", 500)
    code = getattr(API, name)(*arguments, message, len(message))
    if code:
        assert message.value != b"untouched"
        raise Refused(code, message.value.decode())
    assert message.value == b"untouched"


def extents(values):
    return None if values is None else (ctypes.c_ssize_t * len(values))(*values)


class Plan:
    """A plan of the C API."""

    def __init__(self, function, dtype, shape, parameters=""):
        self.pointer = ctypes.c_void_p()
        if not isinstance(dtype, int):
            dtype = DTYPES.index(np.dtype(dtype).name)
        parameters = parameters if parameters is None else parameters.encode()
        arguments = function.encode(), dtype, len(shape), extents(shape), parameters
        call("plan_new", ctypes.byref(self.pointer), *arguments)

    def __del__(self):
        API.plan_free(self.pointer)

    def ask(self, what, array=INPUT):
        n = ctypes.c_int()
        assert API.plan_ndim(self.pointer, ctypes.byref(n)) == 0
        found = {"dtype": ctypes.c_int, "bytes": ctypes.c_size_t, "shape": ctypes.c_ssize_t * n.value}[what]()
        code = getattr(API, f"plan_{what}")(self.pointer, array, ctypes.byref(found))
        if code:
            raise Refused(code, "")
        return tuple(found) if what == "shape" else found.value

    def new(self, array, dtype=None):
        name = DTYPES[self.ask("dtype", array)]
        return np.zeros(self.ask("shape", array), name if dtype is None else dtype)

    def scratch(self, *arrays, threads=1):
        n = ctypes.c_size_t()
        strides = [extents(a.strides) for a in arrays] + [None] * (3 - len(arrays))
        call("plan_scratch", self.pointer, *strides, threads, ctypes.byref(n))
        return n.value

    def run(self, name, *arrays, threads=1, scratch=None):
        """Arrays in the function's own order, as NumPy has them."""
        terms = [term for array in arrays for term in terms_of(array)]
        memory = (None, 0) if scratch is None else (scratch.ctypes.data, scratch.nbytes)
        call(name, self.pointer, *terms, *memory, threads)
        return arrays


def memory_of(array):
    """The bytes from the first to the last byte of an array."""
    return sum((n - 1) * abs(s) for n, s in zip(array.shape, array.strides, strict=True)) + array.itemsize


def terms_of(array):
    """(pointer, bytes, strides), without strides where that is enough."""
    if array is None:
        return None, 0, None
    plain = array.flags.c_contiguous
    return array.ctypes.data, array.nbytes if plain else memory_of(array), None if plain else extents(array.strides)
