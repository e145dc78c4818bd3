# The kernels that are written in vectors: C templates, because Cython has no vectors.  Compiled once for each instruction
# set under a name of its own (setup.py); core.pyx takes the table that this module exports as a capsule.

from cpython.pycapsule cimport PyCapsule_New
from libc.string cimport memcpy

from cypool.kernels.vectors cimport *

cdef extern from "planes_table.h" nogil:
    """
    /* in the order of the dtype codes: I8 ... F64, two keys, F16, BF16 */
    #define CYPOOL_OF(op)                                                                                              \\
        {CYPOOL_PLANES(op##_i8), CYPOOL_PLANES(op##_u8), CYPOOL_PLANES(op##_i16), CYPOOL_PLANES(op##_u16),             \\
         CYPOOL_PLANES(op##_i32), CYPOOL_PLANES(op##_u32), CYPOOL_PLANES(op##_i64), CYPOOL_PLANES(op##_u64),           \\
         CYPOOL_PLANES(op##_f32), CYPOOL_PLANES(op##_f64), 0, 0, CYPOOL_PLANES(op##_f16), CYPOOL_PLANES(op##_bf16)}
    static const cypool_planes_t cypool_planes_of[3][14] = {
        CYPOOL_OF(max), CYPOOL_OF(min),
        {0, CYPOOL_PLANES(mean_u8), 0, 0, 0, 0, 0, 0, CYPOOL_PLANES(sum_f32), CYPOOL_PLANES(sum_f64), 0, 0,
         CYPOOL_PLANES(sum_f16), CYPOOL_PLANES(sum_bf16)}};
    """
    const cypool_planes_t cypool_planes_of[3][14]

cdef Vectors TABLE
memcpy(TABLE.planes, cypool_planes_of, sizeof(cypool_planes_of))
table = PyCapsule_New(&TABLE, b"cypool.vectors", NULL)
