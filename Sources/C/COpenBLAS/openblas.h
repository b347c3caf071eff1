/// OpenBLAS, which is loaded and not linked: only processors without a kernel of ours need it, and its 16,000 relocations
/// would delay the start of every capture process.
#ifndef COPENBLAS_H
#define COPENBLAS_H

#include <stdbool.h>

/// Loads the library; further calls do nothing. False if it cannot be loaded. From any thread.
bool openblas_load(void);

/// The threads that the library uses. After `openblas_load`, from one thread.
void openblas_use_threads(int count);

/// output = input · weightsᵀ, added to the output if `accumulates`: rows × outputs = rows × inputs · (outputs × inputs)ᵀ.
/// The strides are counted in numbers. After `openblas_load`.
void openblas_multiply(float *output, int output_stride, const float *input, int input_stride, const float *weights, int rows,
                       int outputs, int inputs, bool accumulates);

#endif
