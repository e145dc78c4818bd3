# The row functions of a module's own instruction set, handed over when it is imported.  Included by modules that convert rows.

from cpython.pycapsule cimport PyCapsule_GetPointer

from cypool.kernels.rows cimport Rows

cdef const Rows* ROWS = NULL


def use_rows(object rows):
    """Take the conversions of the same instruction set."""
    global ROWS
    ROWS = <const Rows*> PyCapsule_GetPointer(rows, b"cypool.rows")
