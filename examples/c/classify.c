/* classify.c - Classifies raw samples with a compiled network.
 *
 * Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Usage: classify MODEL.ntb TASK.ntm DEVICE SAMPLES [SLOTS]
 * SAMPLES is a file of float32 values in the machine's byte order, one sample
 * after the other. Prints one label a line.
 */
#include "ntrt/ntrt.h"

#include <stdio.h>
#include <stdlib.h>

/* Prints and frees an error message of the runtime. */
static int fail(char *error) {
  fprintf(stderr, "%s\n", error ? error : "out of memory");
  ntrt_free_string(error);
  return 1;
}

static int classify(const ntrt_model *model, FILE *samples, uint32_t slots) {
  size_t size = ntrt_model_inputs(model);
  float *values = malloc(size * sizeof *values);
  size_t got = 0;
  int failed = !values;
  while (!failed &&
         (got = fread(values, sizeof *values, size, samples)) == size) {
    char *error = NULL;
    int32_t label = ntrt_model_run(model, values, slots, NULL, &error);
    failed = label < 0 && fail(error);
    if (!failed)
      printf("%ld\n", (long)label);
  }
  if (!failed && got != 0) {
    fprintf(stderr, "the last sample has %lu of %lu values\n",
            (unsigned long)got, (unsigned long)size);
    failed = 1;
  }
  free(values);
  return failed;
}

int main(int argc, char **argv) {
  char *error = NULL;
  ntrt_model *model;
  FILE *samples;
  int failed;

  if (argc != 5 && argc != 6) {
    fprintf(stderr, "usage: %s MODEL.ntb TASK.ntm DEVICE SAMPLES [SLOTS]\n",
            argv[0]);
    return 2;
  }
  model = ntrt_model_open(argv[1], argv[2], argv[3], &error);
  if (!model)
    return fail(error);
  samples = fopen(argv[4], "rb");
  if (!samples) {
    perror(argv[4]);
    ntrt_model_destroy(model);
    return 1;
  }
  failed = classify(model, samples,
                    argc == 6 ? (uint32_t)strtoul(argv[5], NULL, 10) : 0);
  fclose(samples);
  ntrt_model_destroy(model);
  return failed;
}
