/* First cells of windows, of one width, at several resolutions: a row of a level is taken from the row of the level below that is
 * its first, as soon as that is there.  Included by pyramid.h once for each width, with T and FN(name) defined.
 */

/* to = every f-th of the pixels of `lanes` elements. */
CYPOOL_FN void FN(take)(T *restrict to, const T *restrict from, ptrdiff_t n, ptrdiff_t f, ptrdiff_t lanes) {
    if (f == 2 && lanes == 1)
        for (ptrdiff_t i = 0; i < n; i++)
            to[i] = from[2 * i];
    else if (lanes < 16)
        for (ptrdiff_t i = 0; i < n; i++)
            for (ptrdiff_t c = 0; c < lanes; c++)
                to[i * lanes + c] = from[i * f * lanes + c];
    else
        for (ptrdiff_t i = 0; i < n; i++)
            memcpy(to + i * lanes, from + i * f * lanes, (size_t)lanes * sizeof(T));
}

/* Row (z, y) of a level, and before it all rows of the levels below that it covers. */
static void FN(strides)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y) {
    const cypool_pyramid_level *l = &p->level[level], *below = l - 1;
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, below->z), y_end = CYPOOL_LESS((y + 1) * p->fy, below->y);
    for (ptrdiff_t i = z * p->fz; i < z_end && level > 1; i++)
        for (ptrdiff_t j = y * p->fy; j < y_end; j++)
            FN(strides)(p, part, level - 1, i, j);
    if (z >= l->out_z || y >= l->out_y)
        return;
    const T *from = level == 1 ? (const T *)(part->x + z * p->fz * p->z_stride + y * p->fy * p->y_stride)
                               : (const T *)below->out + ((part->plane * below->out_z + z * p->fz) * below->out_y + y * p->fy)
                                                             * below->out_x * p->lanes;
    FN(take)((T *)l->out + ((part->plane * l->out_z + z) * l->out_y + y) * l->out_x * p->lanes, from, l->out_x, p->fx, p->lanes);
}

#undef T
#undef FN
