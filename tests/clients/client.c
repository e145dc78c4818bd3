/* A client that knows nothing of Python: the table comes from outside.  CYPOOL_HEADER names the header it is built against. */
#include CYPOOL_HEADER

#include <stdint.h>
#include <stdlib.h>

int begin(const cypool_api *table) { return cypool_use(table); }

/* Maxima of x (float32, four axes) into out, and the gradient of the sum of their squares, halved, into back. */
int max_and_back(const float *x, float *out, float *back, const ptrdiff_t *shape, char *message, size_t n) {
    const char *parameters = "kernel_size=3, stride=2, padding=1, return_indices=True";
    cypool_plan *forward = NULL, *backward = NULL;
    size_t x_bytes, out_bytes, indices_bytes, most, bytes;
    void *indices = NULL, *scratch = NULL;
    int ndim = 0;
    int code = cypool_plan_new(&forward, "max_pool2d", CYPOOL_FLOAT32, 4, shape, parameters, message, n);
    if (code == CYPOOL_OK)
        code = cypool_plan_new(&backward, "max_pool2d_backward", CYPOOL_FLOAT32, 4, shape, parameters, message, n);
    if (code == CYPOOL_OK) code = cypool_plan_ndim(forward, &ndim);
    if (code == CYPOOL_OK) code = cypool_plan_bytes(forward, CYPOOL_INPUT, &x_bytes);
    if (code == CYPOOL_OK) code = cypool_plan_bytes(forward, CYPOOL_OUTPUT, &out_bytes);
    if (code == CYPOOL_OK) code = cypool_plan_bytes(forward, CYPOOL_INDICES, &indices_bytes);
    if (code == CYPOOL_OK) code = cypool_plan_scratch(forward, NULL, NULL, NULL, 1, &most, message, n);
    if (code == CYPOOL_OK) code = cypool_plan_scratch(backward, NULL, NULL, NULL, 1, &bytes, message, n);
    if (code == CYPOOL_OK) {
        if (bytes > most) most = bytes;
        indices = malloc(indices_bytes);
        scratch = malloc(most);
        if (indices == NULL || scratch == NULL || ndim != 4) code = CYPOOL_NO_MEMORY;
    }
    if (code == CYPOOL_OK)
        code = cypool_forward_indices(forward, x, x_bytes, NULL, out, out_bytes, NULL, indices, indices_bytes, NULL, scratch,
                                      most, 1, message, n);
    if (code == CYPOOL_OK)
        code = cypool_backward_indices(backward, out, out_bytes, NULL, indices, indices_bytes, NULL, back, x_bytes, NULL,
                                       scratch, most, 1, message, n);
    free(indices);
    free(scratch);
    cypool_plan_free(forward);
    cypool_plan_free(backward);
    return code;
}
