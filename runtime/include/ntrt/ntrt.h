/*===- ntrt.h - C API of the NT runtime ---------------------------*- C -*-===*\
|*                                                                            *|
|* Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.*|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|* Simulates a compiled network from its bitstream, task overlay and device   *|
|* file. A handle may be shared by threads.                                   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
#ifndef NTRT_NTRT_H
#define NTRT_NTRT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ntrt_model ntrt_model;

/* Builds a model from bytes in memory: a .ntb, a .ntm and the text of a device
 * file. Returns NULL on failure and, if error is not NULL, stores there a
 * message to be freed with ntrt_free_string. */
ntrt_model *ntrt_model_create(const void *ntb, size_t ntb_size, const void *ntm,
                              size_t ntm_size, const char *device_json,
                              size_t device_json_size, char **error);
/* The same from files. */
ntrt_model *ntrt_model_open(const char *ntb_path, const char *ntm_path,
                            const char *device, char **error);
void ntrt_model_destroy(ntrt_model *model);

uint32_t ntrt_model_inputs(const ntrt_model *model);
uint32_t ntrt_model_outputs(const ntrt_model *model);
/* Slots of a run when 0 is given. */
uint32_t ntrt_model_default_slots(const ntrt_model *model);

/* Runs one sample of ntrt_model_inputs() values, normalised as the network was
 * trained with. scores may be NULL or hold
 * ntrt_model_outputs() values. Returns the label, or -1 on failure. */
int32_t ntrt_model_run(const ntrt_model *model, const float *values,
                       uint32_t slots, double *scores, char **error);

void ntrt_free_string(char *string);

#ifdef __cplusplus
}
#endif

#endif /* NTRT_NTRT_H */
