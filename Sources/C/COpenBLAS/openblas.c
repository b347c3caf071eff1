#include "openblas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

static struct {
    __typeof__(&openblas_set_num_threads) set_threads;
    __typeof__(&cblas_sgemm) sgemm;
} library;

static void load(void) {
    void *file = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!file) return;
    *(void **)&library.set_threads = dlsym(file, "openblas_set_num_threads");
    *(void **)&library.sgemm = dlsym(file, "cblas_sgemm");
}

bool openblas_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return library.set_threads && library.sgemm;
}

void openblas_use_threads(int count) { library.set_threads(count); }

void openblas_multiply(float *output, int output_stride, const float *input, int input_stride, const float *weights, int rows,
                       int outputs, int inputs, bool accumulates) {
    library.sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, outputs, inputs, 1, input, input_stride, weights, inputs,
                  accumulates ? 1 : 0, output, output_stride);
}
