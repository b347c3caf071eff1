// Compares each int8 kernel that this processor has with the scalar definition, bit by bit, and prints a line for each.
// It needs only the sources of CKernels, so that it also runs under emulators of other processors; as the first process of a
// machine it then ends the machine. With an argument it takes that many shapes.
#include "int8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

static const char *const names[] = {"portable", "avx2", "avx-vnni", "avx512-vnni", "neon-dotprod", "neon-i8mm"};
static uint32_t state = 1;

static float uniform(void) {
    state = state * 1664525u + 1013904223u;
    return (float)(int32_t)state * 0x1p-31f;
}

enum { KINDS = 12 };

// What quantisation can meet: tails, one sign, sums that exceed 16 bits, ties, and values that are not finite.
static float drawn(size_t kind, size_t k, size_t count) {
    float x = uniform();
    switch (kind % KINDS) {
        case 0: return x;
        case 1: return 0;
        case 2: return fabsf(x) + 1;
        case 3: return -fabsf(x) - 1;
        case 4: return 1;
        case 5: return -1;
        case 6: return k % 2 ? 1 : -1;
        case 7: return k == count / 2 ? 1000 : x;
        case 8: return rintf(x * 100) * 0.5f;
        case 9: return x * 1e-38f;
        case 10: return x * 1e30f;
        default: return x - 5;
    }
}

static float unusual(size_t kind) {
    const float values[] = {NAN, INFINITY, -INFINITY, 3.4e38f, -0.0f};
    return values[kind % 5];
}

static bool same(const float *a, const float *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return false;
    }
    return true;
}

struct shape {
    size_t rows, inputs, outputs;
};

static const struct shape shapes[] = {
    {1, 1, 1}, {2, 3, 5}, {3, 4, 16}, {5, 7, 15}, {6, 8, 17}, {7, 9, 63}, {13, 31, 64}, {12, 33, 65},
    {26, 63, 66}, {24, 65, 128}, {50, 129, 130}, {1, 300, 200}, {3, 515, 33}, {197, 40, 24}, {530, 13, 20}, {9, 3072, 70},
};

// Whether a kernel's product of a shape is the definition's, with each activation, onto values and with and without a bias.
static bool agrees(ww_int8 kernel, int threads, const struct shape *s, bool odd) {
    const size_t lda = s->inputs + 5, ldc = s->outputs + 3;
    ww_backend backend = {ww_isa_best(), kernel};
    size_t bytes = ww_packed_bytes(backend, WW_INT8, s->inputs, s->outputs);
    float *a = malloc(s->rows * lda * 4), *w = malloc(s->outputs * s->inputs * 4), *bias = malloc(s->outputs * 4);
    float *ours = malloc(s->rows * ldc * 4), *wanted = malloc(s->rows * ldc * 4);
    void *packed = NULL;
    ww_team *team = ww_team_create(threads, backend, 0);
    if (!a || !w || !bias || !ours || !wanted || !team || posix_memalign(&packed, 64, bytes) != 0) exit(2);
    memset(packed, 0, bytes);
    for (size_t r = 0; r < s->rows; r++) {
        for (size_t k = 0; k < s->inputs; k++) a[r * lda + k] = drawn(r, k, s->inputs);
        if (odd && r % 3 == 0) a[r * lda + (r * 7 + s->inputs - 1) % s->inputs] = unusual(r / 3);
    }
    for (size_t o = 0; o < s->outputs; o++) {
        for (size_t k = 0; k < s->inputs; k++) w[o * s->inputs + k] = drawn(o * 5, k, s->inputs);
        if (odd && o % 11 == 10) w[o * s->inputs] = unusual(o / 11);
        bias[o] = uniform();
    }
    // In parts, as a checkpoint is read.
    for (size_t first = 0; first < s->outputs; first += 10) {
        size_t count = s->outputs - first < 10 ? s->outputs - first : 10;
        ww_pack(backend, packed, WW_INT8, s->inputs, s->outputs, w + first * s->inputs, s->inputs, first, count);
    }
    bool equal = true;
    for (int mode = 0; mode < 5 && equal; mode++) {
        const ww_activation activations[] = {WW_IDENTITY, WW_QUICK_GELU, WW_GELU, WW_IDENTITY, WW_IDENTITY};
        bool onto = mode >= 3;
        ww_weights weights = {packed, bytes, mode == 4 ? NULL : bias, s->inputs, s->outputs, WW_INT8};
        for (size_t i = 0; i < s->rows * ldc; i++) ours[i] = wanted[i] = uniform();
        ww_linear(team, ours, ldc, a, lda, s->rows, &weights, onto, activations[mode], mode == 1 ? &weights : NULL);
        ww_int8_reference(wanted, ldc, a, lda, s->rows, w, s->inputs, s->inputs, s->outputs, weights.bias, onto,
                          activations[mode]);
        equal = same(ours, wanted, s->rows * ldc);
        if (!equal) {
            printf("FAIL %s: %zu rows, %zu inputs, %zu outputs, mode %d, %d threads\n", names[kernel], s->rows, s->inputs,
                   s->outputs, mode, threads);
        }
    }
    ww_team_destroy(team);
    free(packed);
    free(a), free(w), free(bias), free(ours), free(wanted);
    return equal;
}

int main(int count, char **arguments) {
    size_t all = sizeof shapes / sizeof *shapes, wanted = count > 1 ? (size_t)atoi(arguments[1]) : all;
    int failed = 0;
    for (int kernel = WW_INT8_PORTABLE; kernel <= WW_INT8_NEON_I8MM; kernel++) {
        if (!ww_int8_available((ww_int8)kernel)) {
            printf("skip %s: not on this processor\n", names[kernel]);
            continue;
        }
        bool equal = ww_int8_proven((ww_int8)kernel);
        if (!equal) printf("FAIL %s: its proof\n", names[kernel]);
        size_t products = 0;
        for (size_t i = 0; i < all && i < wanted; i++) {
            for (int odd = 0; odd < 2; odd++, products += 5) {
                equal = agrees((ww_int8)kernel, 1 + (int)(i % 3), &shapes[i], odd) && equal;
            }
        }
        if (equal) printf("ok   %s: %zu products\n", names[kernel], products);
        failed += !equal;
        fflush(stdout);
    }
    if (getpid() == 1) {
        printf("int8: %s\n", failed ? "failed" : "passed");
        fflush(stdout);
        sync();
        reboot(RB_POWER_OFF);
    }
    return failed != 0;
}
