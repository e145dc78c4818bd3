"""Pool by pointers from Python, through ctypes: no compiler, and the way for any language that calls C.

The table of functions is found in a capsule; a field of it is a function.  ctypes.CFUNCTYPE lets go of the GIL for a call,
ctypes.PYFUNCTYPE keeps it.  Only the first fields are spelt out; cypool.h has the rest.
"""

import ctypes

import numpy as np

import cypool

POINTER, INT, SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
FLOAT16 = 9  # CYPOOL_FLOAT16


def table(function):
    """The table; its functions are of the kind that `function` makes."""
    plan_new = function(INT, POINTER, ctypes.c_char_p, INT, INT, POINTER, ctypes.c_char_p, ctypes.c_char_p, SIZE)
    array = (POINTER, SIZE, POINTER)
    forward = function(INT, POINTER, *array, *array, POINTER, SIZE, INT, ctypes.c_char_p, SIZE)
    fields = [("major", INT), ("minor", INT), ("error_message", function(ctypes.c_char_p, INT)), ("plan_new", plan_new)]
    fields += [("plan_free", function(None, POINTER))]
    fields += [(name, POINTER) for name in ("plan_ndim", "plan_dtype", "plan_shape", "plan_bytes", "plan_scratch")]
    layout = type("Table", (ctypes.Structure,), {"_fields_": [*fields, ("forward", forward)]})
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = POINTER, (ctypes.py_object, ctypes.c_char_p)
    found = layout.from_address(pointer(cypool._C_API, b"cypool._C_API"))
    assert found.major == 1
    return found


x = np.random.default_rng(0).standard_normal((4, 3, 64, 64)).astype(np.float16)
want = cypool.adaptive_max_pool2d(x, (5, 7))
shape = (ctypes.c_ssize_t * 4)(*x.shape)
for name in ("CFUNCTYPE", "PYFUNCTYPE"):
    api, plan, out = table(getattr(ctypes, name)), POINTER(), np.zeros_like(want)
    message = ctypes.create_string_buffer(200)
    code = api.plan_new(
        ctypes.byref(plan), b"adaptive_max_pool2d", FLOAT16, 4, shape, b"output_size=(5, 7)", message, 200
    )
    assert code == 0, message.value.decode()
    pointers = x.ctypes.data, x.nbytes, None, out.ctypes.data, out.nbytes, None
    code = api.forward(plan, *pointers, None, 0, 0, message, 200)
    assert code == 0, message.value.decode()
    assert out.tobytes() == want.tobytes()
    print(f"ctypes, {'without' if name == 'CFUNCTYPE' else 'with'} the GIL: adaptive maxima of float16 as Python's")
    code = api.forward(plan, x.ctypes.data, x.nbytes - 2, *pointers[2:], None, 0, 0, message, 200)
    assert code != 0
    print(f"ctypes, an array that is too small: {message.value.decode()} ({api.error_message(code).decode()})")
    api.plan_free(plan)
