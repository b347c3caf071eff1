// The products in int8 by their definition in CKernels.h, and what a kernel computes beside it: its proof.
#pragma clang fp contract(off)
#define LANES 4
#include "vectors.inc"
#include "int8.h"

#include <float.h>
#include <stdlib.h>

enum { ROWS = 7, INPUTS = 67, OUTPUTS = 131 };

static float factor_of(float span, float top) { return span >= WW_INT8_LEAST ? top / span : 0; }

void ww_int8_reference(float *c, size_t ldc, const float *a, size_t lda, size_t rows, const float *w, size_t ldw,
                       size_t inputs, size_t outputs, const float *bias, bool accumulate, ww_activation activation) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = a + r * lda;
        float low = 0, high = 0;
        bool row_finite = true;
        for (size_t k = 0; k < inputs; k++) {
            row_finite = row_finite && fabsf(row[k]) <= FLT_MAX;
            low = fminf(low, row[k]);
            high = fmaxf(high, row[k]);
        }
        float range = high - low, factor = factor_of(range, 255), zero = rintf(-low * factor);
        row_finite = row_finite && range <= FLT_MAX;
        float row_scale = factor == 0 ? 0 : range / 255.0f;
        for (size_t o = 0; o < outputs; o++) {
            const float *weights = w + o * ldw;
            float top = 0;
            bool finite = row_finite;
            for (size_t k = 0; k < inputs; k++) {
                finite = finite && fabsf(weights[k]) <= FLT_MAX;
                top = fmaxf(top, fabsf(weights[k]));
            }
            float weight_factor = factor_of(top, 127), weight_scale = weight_factor == 0 ? 0 : top / 127.0f;
            int64_t sum = 0;
            for (size_t k = 0; finite && k < inputs; k++) {
                float input = fminf(fmaxf(rintf(row[k] * factor) + zero, 0), 255);
                float weight = fminf(fmaxf(rintf(weights[k] * weight_factor), -127), 127);
                sum += (int64_t)(input - zero) * (int64_t)weight;
            }
            float value = (float)sum;
            value = value * (finite ? row_scale : NAN);
            value = value * weight_scale;
            if (accumulate) value = value + c[r * ldc + o];
            if (bias != NULL) value = value + bias[o];
            c[r * ldc + o] = activation == WW_IDENTITY ? value : activated((vf)(value), activation)[0];
        }
    }
}

// Integers of a full period, mapped to floats: small ones, and in every fourth row a value that is far from the others.
static float drawn(uint32_t *state, bool far) {
    *state = *state * 1664525u + 1013904223u;
    return (float)(int32_t)*state * (far ? 0x1p-20f : 0x1p-31f);
}

struct proof {
    float a[ROWS * INPUTS], w[OUTPUTS * INPUTS], bias[OUTPUTS], start[ROWS * OUTPUTS];
    float ours[ROWS * OUTPUTS], wanted[ROWS * OUTPUTS];
};

bool ww_int8_proven(ww_int8 kernel) {
    ww_backend backend = {ww_isa_best(), kernel};
    size_t bytes = ww_packed_bytes(backend, WW_INT8, INPUTS, OUTPUTS);
    struct proof *p = malloc(sizeof *p);
    void *packed = NULL;
    ww_team *team = ww_team_create(1, backend, 0);
    bool equal = p != NULL && team != NULL && posix_memalign(&packed, 64, bytes) == 0;
    if (equal) {
        uint32_t state = 1;
        for (size_t i = 0; i < ROWS * INPUTS; i++) p->a[i] = drawn(&state, i / INPUTS % 4 == 3 && i % 64 == 0);
        for (size_t i = 0; i < OUTPUTS * INPUTS; i++) p->w[i] = drawn(&state, false);
        for (size_t i = 0; i < OUTPUTS; i++) p->bias[i] = drawn(&state, false);
        for (size_t i = 0; i < ROWS * OUTPUTS; i++) p->start[i] = drawn(&state, false);
        memset(packed, 0, bytes);
        ww_pack(backend, packed, WW_INT8, INPUTS, OUTPUTS, p->w, INPUTS, 0, OUTPUTS);
        ww_weights weights = {packed, bytes, p->bias, INPUTS, OUTPUTS, WW_INT8};
        for (int activation = WW_IDENTITY; activation <= WW_GELU && equal; activation++) {
            bool onto = activation == WW_IDENTITY;
            memcpy(p->ours, p->start, sizeof p->ours);
            memcpy(p->wanted, p->start, sizeof p->wanted);
            ww_linear(team, p->ours, OUTPUTS, p->a, INPUTS, ROWS, &weights, onto, (ww_activation)activation, NULL);
            ww_int8_reference(p->wanted, OUTPUTS, p->a, INPUTS, ROWS, p->w, INPUTS, INPUTS, OUTPUTS, p->bias, onto,
                              (ww_activation)activation);
            equal = memcmp(p->ours, p->wanted, sizeof p->ours) == 0;
        }
    }
    ww_team_destroy(team);
    free(packed);
    free(p);
    return equal;
}
