# The kernels that are written in vectors: C templates, because Cython has no vectors.  Compiled once for each instruction
# set under a name of its own (setup.py); core.pyx takes the table that this module exports as a capsule.

from cpython.pycapsule cimport PyCapsule_New
from libc.string cimport memcpy

from cypool.kernels.vectors cimport *

cdef extern from "vectors_table.h" nogil:
    """
    /* in the order of the dtype codes: I8 ... F64, two keys, F16, BF16 */
    #define CYPOOL_ALL(kind, op)                                                                                       \\
        {CYPOOL_KERNEL(kind##_##op##_i8), CYPOOL_KERNEL(kind##_##op##_u8), CYPOOL_KERNEL(kind##_##op##_i16),           \\
         CYPOOL_KERNEL(kind##_##op##_u16), CYPOOL_KERNEL(kind##_##op##_i32), CYPOOL_KERNEL(kind##_##op##_u32),         \\
         CYPOOL_KERNEL(kind##_##op##_i64), CYPOOL_KERNEL(kind##_##op##_u64), CYPOOL_KERNEL(kind##_##op##_f32),         \\
         CYPOOL_KERNEL(kind##_##op##_f64), 0, 0, CYPOOL_KERNEL(kind##_##op##_f16), CYPOOL_KERNEL(kind##_##op##_bf16)}
    #define CYPOOL_FLOATS(kind, u8, f64)                                                                               \\
        {0, u8, 0, 0, 0, 0, 0, 0, CYPOOL_KERNEL(kind##_f32), f64, 0, 0, CYPOOL_KERNEL(kind##_f16), CYPOOL_KERNEL(kind##_bf16)}
    static const cypool_planes_t cypool_all_planes[3][14] = {
        CYPOOL_ALL(planes, max), CYPOOL_ALL(planes, min),
        CYPOOL_FLOATS(planes_sum, CYPOOL_KERNEL(planes_mean_u8), CYPOOL_KERNEL(planes_sum_f64))};
    static const cypool_winners_t cypool_all_winners[14] = {
        CYPOOL_KERNEL(winners_i8), CYPOOL_KERNEL(winners_i8), CYPOOL_KERNEL(winners_i16), CYPOOL_KERNEL(winners_i16),
        CYPOOL_KERNEL(winners_i32), CYPOOL_KERNEL(winners_i32), CYPOOL_KERNEL(winners_i64), CYPOOL_KERNEL(winners_i64),
        CYPOOL_KERNEL(winners_f32), CYPOOL_KERNEL(winners_f64), 0, 0, CYPOOL_KERNEL(winners_key), CYPOOL_KERNEL(winners_key)};
    static const cypool_runs_t cypool_all_runs[4][14] = {
        CYPOOL_ALL(runs, max), CYPOOL_ALL(runs, min), CYPOOL_FLOATS(runs_sum, 0, CYPOOL_KERNEL(runs_sum_f64)),
        CYPOOL_FLOATS(runs_wide, 0, CYPOOL_KERNEL(runs_sum_f64))};
    static const cypool_lanes_t cypool_all_lanes[2][14] = {
        CYPOOL_FLOATS(lanes_sum, 0, CYPOOL_KERNEL(lanes_sum_f64)), CYPOOL_FLOATS(lanes_wide, 0, CYPOOL_KERNEL(lanes_sum_f64))};
    static const cypool_check_t cypool_all_checks[2] = {cypool_check_positions, cypool_check_offsets};
    static const cypool_add_t cypool_all_adds[2] = {cypool_add_positions_f32, cypool_add_positions_f64};
    /* I8 ... F64 and the two keys, whose minima are maxima too */
    #define CYPOOL_ALL_BLOCKS(op)                                                                                      \\
        {CYPOOL_BLOCKS(op##_i8), CYPOOL_BLOCKS(op##_u8), CYPOOL_BLOCKS(op##_i16), CYPOOL_BLOCKS(op##_u16),             \\
         CYPOOL_BLOCKS(op##_i32), CYPOOL_BLOCKS(op##_u32), CYPOOL_BLOCKS(op##_i64), CYPOOL_BLOCKS(op##_u64),           \\
         CYPOOL_BLOCKS(op##_f32), CYPOOL_BLOCKS(op##_f64), CYPOOL_BLOCKS(max_i16), CYPOOL_BLOCKS(max_i16)}
    static const cypool_blocks cypool_all_blocks[3][12] = {
        CYPOOL_ALL_BLOCKS(max), CYPOOL_ALL_BLOCKS(min),
        {{0}, {0}, {0}, {0}, {0}, CYPOOL_BLOCKS(sum_u32), {0}, CYPOOL_BLOCKS(sum_u64), CYPOOL_BLOCKS(sum_wide),
         CYPOOL_BLOCKS(sum_f64)}};
    #define CYPOOL_ALL_PLACED(way)                                                                                     \\
        {cypool_##way##_i8, cypool_##way##_u8, cypool_##way##_i16, cypool_##way##_u16, cypool_##way##_i32,             \\
         cypool_##way##_u32, 0, 0, cypool_##way##_f32, 0, 0, 0, cypool_##way##_f16, cypool_##way##_bf16}
    static const cypool_place_t cypool_all_place[14] = CYPOOL_ALL_PLACED(place);
    static const cypool_unplace_t cypool_all_unplace[14] = CYPOOL_ALL_PLACED(unplace);
    static const cypool_number_t cypool_all_number[5] = {0, cypool_number_plane, cypool_number_window8, cypool_number_window16,
                                                         cypool_number_window32};
    static const cypool_chosen_t cypool_all_chosen[14] =
        CYPOOL_FLOATS(chosen_sum, 0, CYPOOL_KERNEL(chosen_sum_f64));
    static const cypool_beside_t cypool_all_beside[2][14] = {
        {0, 0, 0, 0, 0, 0, 0, 0, CYPOOL_KERNEL(beside_max_f32), CYPOOL_KERNEL(beside_max_f64)},
        {0, 0, 0, 0, 0, 0, 0, 0, CYPOOL_KERNEL(beside_min_f32), CYPOOL_KERNEL(beside_min_f64)}};
    static const cypool_sweep_t cypool_all_sweeps[3] = {cypool_sweep_f64, cypool_sweep_u32, cypool_sweep_u64};
    """
    const cypool_planes_t cypool_all_planes[3][14]
    const cypool_winners_t cypool_all_winners[14]
    const cypool_runs_t cypool_all_runs[4][14]
    const cypool_lanes_t cypool_all_lanes[2][14]
    const cypool_check_t cypool_all_checks[2]
    const cypool_add_t cypool_all_adds[2]
    const cypool_blocks cypool_all_blocks[3][12]
    const cypool_place_t cypool_all_place[14]
    const cypool_unplace_t cypool_all_unplace[14]
    const cypool_number_t cypool_all_number[5]
    const cypool_sweep_t cypool_all_sweeps[3]
    const cypool_chosen_t cypool_all_chosen[14]
    const cypool_beside_t cypool_all_beside[2][14]
    enum: CYPOOL_VB

cdef Vectors TABLE
memcpy(TABLE.planes, cypool_all_planes, sizeof(cypool_all_planes))
memcpy(TABLE.winners, cypool_all_winners, sizeof(cypool_all_winners))
memcpy(TABLE.runs, cypool_all_runs, sizeof(cypool_all_runs))
memcpy(TABLE.lanes, cypool_all_lanes, sizeof(cypool_all_lanes))
memcpy(TABLE.check, cypool_all_checks, sizeof(cypool_all_checks))
memcpy(TABLE.add, cypool_all_adds, sizeof(cypool_all_adds))
memcpy(TABLE.sweep, cypool_all_sweeps, sizeof(cypool_all_sweeps))
memcpy(TABLE.blocks, cypool_all_blocks, sizeof(cypool_all_blocks))
memcpy(TABLE.place, cypool_all_place, sizeof(cypool_all_place))
memcpy(TABLE.unplace, cypool_all_unplace, sizeof(cypool_all_unplace))
memcpy(TABLE.number, cypool_all_number, sizeof(cypool_all_number))
memcpy(TABLE.chosen, cypool_all_chosen, sizeof(cypool_all_chosen))
memcpy(TABLE.beside, cypool_all_beside, sizeof(cypool_all_beside))
TABLE.vector_bytes = CYPOOL_VB
table = PyCapsule_New(&TABLE, b"cypool.vectors", NULL)
