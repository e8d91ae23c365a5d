/* tiny_classify.c - Classifies three images with a network in a shared library.
 *
 * Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * `ntc compile models/tiny.onnx ... --emit-cpu -o DIR` writes tiny_source.h and
 * tiny_source.so: the chip's configuration compiled into a simulator of its
 * own, which needs the C library only. Build and run with
 *   cc -std=c99 -I DIR tiny_classify.c DIR/tiny_source.so -o tiny_classify
 *   ./tiny_classify
 * Prints the class and the score of each output, one image a line.
 */
#include "tiny_source.h"

#include <stdio.h>

enum { kPixels = 16, kClasses = 5, kImages = 3 };

/* Digits 0, 1 and 2 of the test set, 4 x 4 pixels of 64 grey levels. */
static const int kGrey[kImages][kPixels] = {
    {3, 54, 30, 0, 15, 30, 35, 1, 13, 25, 11, 16, 0, 41, 35, 12},
    {0, 36, 36, 0, 0, 58, 37, 0, 1, 62, 38, 0, 0, 35, 46, 0},
    {12, 50, 42, 0, 15, 12, 42, 0, 0, 37, 15, 0, 2, 57, 48, 20},
};

static int fail(char *error) {
  fprintf(stderr, "%s\n", error ? error : "out of memory");
  tiny_source_free_error(error);
  return 1;
}

int main(void) {
  char *error = NULL;
  struct nt_model *model = tiny_source_create(&error);
  if (!model)
    return fail(error);
  if (tiny_source_inputs(model) != kPixels ||
      tiny_source_outputs(model) != kClasses) {
    fprintf(stderr, "this is not the tiny network\n");
    tiny_source_destroy(model);
    return 1;
  }
  int failed = 0;
  for (int image = 0; image < kImages && !failed; ++image) {
    float values[kPixels];
    double scores[kClasses];
    for (int pixel = 0; pixel < kPixels; ++pixel)
      values[pixel] = (float)kGrey[image][pixel] / 64;
    const int label = tiny_source_classify(model, values, 0, scores, &error);
    if (label < 0) {
      failed = fail(error);
      break;
    }
    printf("image %d: class %d, scores", image, label);
    for (int output = 0; output < kClasses; ++output)
      printf(" %.3f", scores[output]);
    printf("\n");
  }
  tiny_source_destroy(model);
  return failed;
}
