// The only place that knows oneDNN's C API. Swift sees a handful of functions in terrane's own terms; what
// the major versions of the library call differently stands in version2.h and version3.h, under the same
// names.
#ifndef TERRANE_CONEDNN_SHIM_H
#define TERRANE_CONEDNN_SHIM_H

#include <dnnl.h>
#include <stdlib.h>
#include <string.h>

// A tensor of Float32 or bfloat16: extents outermost first, and how channels are blocked: 0 row-major, 8 or 16 blocked, -1
// whatever the primitive likes best.
typedef struct {
  int rank;
  int64_t extents[5];
  int block;
  int is_bfloat16;
} terrane_tensor;

// Size, stride, extra pixels between taps (0: none), zeros before and after, for rows and columns.
typedef struct {
  int64_t size[2], stride[2], dilation[2], before[2], after[2];
} terrane_sliding;

// FNV-1a, gone on with.
static inline uint64_t terrane_hash(uint64_t hash, const void *from, size_t count) {
  for (size_t index = 0; index < count; index++) hash = (hash ^ ((const unsigned char *)from)[index]) * 0x100000001b3u;
  return hash;
}

#if DNNL_VERSION_MAJOR == 2
#include "version2.h"
#elif DNNL_VERSION_MAJOR == 3
#include "version3.h"
#else
#error "terrane is written against oneDNN 2 and 3; build with TERRANE_KERNELS=reference to do without it"
#endif

typedef struct terrane_primitive {
  dnnl_primitive_desc_t description;
  dnnl_primitive_t handle;
} terrane_primitive;

static inline dnnl_engine_t terrane_engine_create(void) {
  dnnl_engine_t engine = NULL;
  dnnl_engine_create(&engine, dnnl_cpu, 0);
  return engine;
}

static inline dnnl_stream_t terrane_stream_create(dnnl_engine_t engine) {
  dnnl_stream_t stream = NULL;
  dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
  return stream;
}

static inline terrane_layout terrane_describe(terrane_tensor tensor) {
  dnnl_format_tag_t plain[] = {dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
  dnnl_format_tag_t tag = tensor.block == 16  ? dnnl_aBcd16b
                          : tensor.block == 8 ? dnnl_aBcd8b
                          : tensor.block < 0  ? dnnl_format_tag_any
                                              : plain[tensor.rank - 1];
  return terrane_layout_by_tag(tensor.rank, tensor.extents, tensor.is_bfloat16 ? dnnl_bf16 : dnnl_f32, tag);
}

static inline terrane_layout terrane_describe_bias(int64_t count) {
  return terrane_layout_by_tag(1, &count, dnnl_f32, dnnl_a);
}

static inline void terrane_forget(int count, terrane_layout *layouts) {
  for (int index = 0; index < count; index++) terrane_layout_destroy(layouts[index]);
}

// Makes the primitive that a description describes, owns the description from then on, and frees the layouts
// and attributes that it was made of; NULL where there is no description or no primitive of it.
static inline terrane_primitive *terrane_primitive_make(
    dnnl_primitive_desc_t description, int count, terrane_layout *layouts, dnnl_primitive_attr_t attributes) {
  terrane_primitive made = {description, NULL};
  terrane_forget(count, layouts);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (!description) return NULL;
  if (dnnl_primitive_create(&made.handle, description) != dnnl_success) {
    dnnl_primitive_desc_destroy(description);
    return NULL;
  }
  terrane_primitive *result = (terrane_primitive *)malloc(sizeof made);
  *result = made;
  return result;
}

typedef enum {
  terrane_identity,
  terrane_relu,
  terrane_relu6,
  terrane_silu,
  terrane_hard_swish,
  terrane_sigmoid,
  terrane_hard_sigmoid,
  terrane_gelu,
} terrane_activation;

static inline void terrane_append_activation(dnnl_post_ops_t after, terrane_activation activation) {
  switch (activation) {
    case terrane_identity: break;
    case terrane_relu: terrane_append_function(after, dnnl_eltwise_relu, 0, 0); break;
    case terrane_relu6: terrane_append_function(after, dnnl_eltwise_clip, 0, 6); break;
    case terrane_silu: terrane_append_function(after, dnnl_eltwise_swish, 1, 0); break;
    case terrane_hard_swish: terrane_append_hard_swish(after); break;
    case terrane_sigmoid: terrane_append_function(after, dnnl_eltwise_logistic, 0, 0); break;
    case terrane_hard_sigmoid:
      terrane_append_function(after, dnnl_eltwise_linear, 1.0f / 6, 0.5f);
      terrane_append_function(after, dnnl_eltwise_clip, 0, 1);
      break;
    case terrane_gelu: terrane_append_function(after, dnnl_eltwise_gelu_erf, 0, 0); break;
  }
}

// What is done to each result before it is stored: it is added to what lies there (`accumulates`), another
// tensor like it is added (`addend`, may be NULL), a function is applied (`activation`). Such a primitive
// gets its scratchpad from the caller and keeps nothing, so that several threads can run it at once.
static inline dnnl_primitive_attr_t terrane_fused_attributes(
    int accumulates, terrane_layout addend, terrane_activation activation) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t after = NULL;
  if (dnnl_primitive_attr_create(&attributes) == dnnl_success && dnnl_post_ops_create(&after) == dnnl_success) {
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (accumulates) terrane_append_sum(after);
    if (addend) dnnl_post_ops_append_binary(after, dnnl_binary_add, addend);
    terrane_append_activation(after, activation);
    dnnl_primitive_attr_set_post_ops(attributes, after);
  }
  if (after) dnnl_post_ops_destroy(after);
  return attributes;
}

static inline void terrane_primitive_destroy(terrane_primitive *primitive) {
  dnnl_primitive_destroy(primitive->handle);
  dnnl_primitive_desc_destroy(primitive->description);
  free(primitive);
}

static inline terrane_primitive *terrane_convolution(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor weight, int has_bias, terrane_tensor output,
    terrane_sliding kernel) {
  terrane_layout d[] = {terrane_describe(input), terrane_describe(weight), terrane_describe(output),
    terrane_describe_bias(output.extents[1])};
  return terrane_primitive_make(
      terrane_described_convolution(
          engine, dnnl_forward_training, d[0], d[1], has_bias ? d[3] : NULL, d[2], kernel, NULL),
      4, d, NULL);
}

// A convolution of inference: bias and post-operations in one pass.
static inline terrane_primitive *terrane_fused_convolution(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor weight, terrane_tensor output, terrane_sliding kernel,
    int has_bias, int accumulates, int has_addend, terrane_activation activation) {
  terrane_layout d[] = {terrane_describe(input), terrane_describe(weight), terrane_describe(output),
    terrane_describe_bias(output.extents[1])};
  dnnl_primitive_attr_t attributes = terrane_fused_attributes(accumulates, has_addend ? d[2] : NULL, activation);
  return terrane_primitive_make(
      terrane_described_convolution(
          engine, dnnl_forward_inference, d[0], d[1], has_bias ? d[3] : NULL, d[2], kernel, attributes),
      4, d, attributes);
}

// A matrix [rows, channels] as an image of one row of pixels, its channels last.
static inline terrane_layout terrane_describe_rows(int64_t rows, int64_t channels, int is_bfloat16) {
  int64_t extents[] = {1, channels, 1, rows};
  return terrane_layout_by_tag(4, extents, is_bfloat16 ? dnnl_bf16 : dnnl_f32, dnnl_acdb);
}

// W x + b of each row of a matrix as a convolution of 1 x 1, whose weight, unlike a matrix product's, is
// packed once; where `is_bfloat16`, x and W are, and the result is Float32 all the same.
static inline terrane_primitive *terrane_linear_map(
    dnnl_engine_t engine, int64_t rows, int64_t inputs, int64_t outputs, int has_bias, int has_addend,
    terrane_activation activation, int is_bfloat16) {
  terrane_tensor weight = {4, {outputs, inputs, 1, 1}, -1, is_bfloat16};
  terrane_sliding kernel = {{1, 1}, {1, 1}, {0, 0}, {0, 0}, {0, 0}};
  terrane_layout d[] = {terrane_describe_rows(rows, inputs, is_bfloat16), terrane_describe(weight),
    terrane_describe_rows(rows, outputs, 0), terrane_describe_bias(outputs)};
  dnnl_primitive_attr_t attributes = terrane_fused_attributes(0, has_addend ? d[2] : NULL, activation);
  return terrane_primitive_make(
      terrane_described_convolution(
          engine, dnnl_forward_inference, d[0], d[1], has_bias ? d[3] : NULL, d[2], kernel, attributes),
      4, d, attributes);
}

// `count` matrices [rows, columns] that lie `stride` floats apart, each transposed where `transposed`; in whatever layout a
// primitive likes where `stride` is 0.
static inline terrane_layout terrane_describe_matrices(
    int64_t count, int64_t rows, int64_t columns, int64_t stride, int transposed) {
  int64_t extents[] = {count, rows, columns};
  int64_t strides[] = {stride, transposed ? 1 : columns, transposed ? rows : 1};
  return stride ? terrane_layout_by_strides(3, extents, strides)
                : terrane_layout_by_tag(3, extents, dnnl_f32, dnnl_format_tag_any);
}

// `count` matrix products [rows, inner] x [inner, columns]; what the strides mean, see above.
static inline terrane_primitive *terrane_matrix_products(
    dnnl_engine_t engine, int64_t count, int64_t rows, int64_t inner, int64_t columns, int64_t left_stride,
    int left_is_transposed, int64_t right_stride, int64_t result_stride, int accumulates) {
  terrane_layout d[] = {terrane_describe_matrices(count, rows, inner, left_stride, left_is_transposed),
    terrane_describe_matrices(count, inner, columns, right_stride, 0),
    terrane_describe_matrices(count, rows, columns, result_stride, 0)};
  dnnl_primitive_attr_t attributes = terrane_fused_attributes(accumulates, NULL, terrane_identity);
  return terrane_primitive_make(
      terrane_described_product(engine, d[0], d[1], d[2], attributes), 3, d, attributes);
}

static inline terrane_primitive *terrane_convolution_input_gradient(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor weight, terrane_tensor output, terrane_sliding kernel,
    const terrane_primitive *forward) {
  terrane_layout d[] = {terrane_describe(input), terrane_describe(weight), terrane_describe(output)};
  return terrane_primitive_make(
      terrane_described_input_gradient(engine, d[0], d[1], d[2], kernel, forward->description), 3, d, NULL);
}

static inline terrane_primitive *terrane_convolution_weight_gradient(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor weight, int has_bias, terrane_tensor output,
    terrane_sliding kernel, const terrane_primitive *forward) {
  terrane_layout d[] = {terrane_describe(input), terrane_describe(weight), terrane_describe(output),
    terrane_describe_bias(output.extents[1])};
  return terrane_primitive_make(
      terrane_described_weight_gradient(
          engine, d[0], d[1], has_bias ? d[3] : NULL, d[2], kernel, forward->description),
      4, d, NULL);
}

// Batch normalisation with scale and shift; `own_statistics` computes mean and variance from the batch.
static inline terrane_primitive *terrane_batch_normalization(
    dnnl_engine_t engine, terrane_tensor input, float epsilon, int own_statistics, int relu) {
  terrane_layout x = terrane_describe(input);
  unsigned flags = dnnl_use_scale | dnnl_use_shift;
  if (!own_statistics) flags |= dnnl_use_global_stats;
  if (relu) flags |= dnnl_fuse_norm_relu;
  return terrane_primitive_make(
      terrane_described_normalization(
          engine, own_statistics ? dnnl_forward_training : dnnl_forward_inference, x, epsilon, flags),
      1, &x, NULL);
}

static inline terrane_primitive *terrane_batch_normalization_gradient(
    dnnl_engine_t engine, terrane_tensor input, float epsilon, int relu, const terrane_primitive *forward) {
  terrane_layout x = terrane_describe(input);
  unsigned flags = dnnl_use_scale | dnnl_use_shift | (relu ? dnnl_fuse_norm_relu : 0);
  return terrane_primitive_make(
      terrane_described_normalization_gradient(engine, x, epsilon, flags, forward->description), 1, &x, NULL);
}

// The mean of each window, zeros of the padding counted, or its largest value.
static inline dnnl_alg_kind_t terrane_pooling_algorithm(int is_mean) {
  return is_mean ? dnnl_pooling_avg_include_padding : dnnl_pooling_max;
}

static inline terrane_primitive *terrane_pooling(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor output, terrane_sliding kernel, int is_mean, int training) {
  terrane_layout d[] = {terrane_describe(input), terrane_describe(output)};
  return terrane_primitive_make(
      terrane_described_pooling(
          engine, training ? dnnl_forward_training : dnnl_forward_inference, terrane_pooling_algorithm(is_mean), d[0],
          d[1], kernel),
      2, d, NULL);
}

static inline terrane_primitive *terrane_pooling_gradient(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor output, terrane_sliding kernel, int is_mean,
    const terrane_primitive *forward) {
  terrane_layout d[] = {terrane_describe(input), terrane_describe(output)};
  return terrane_primitive_make(
      terrane_described_pooling_gradient(
          engine, terrane_pooling_algorithm(is_mean), d[0], d[1], kernel, forward->description),
      2, d, NULL);
}

static inline terrane_primitive *terrane_nearest(dnnl_engine_t engine, terrane_tensor input, terrane_tensor output) {
  terrane_layout d[] = {terrane_describe(input), terrane_describe(output)};
  return terrane_primitive_make(terrane_described_nearest(engine, d[0], d[1]), 2, d, NULL);
}

static inline terrane_primitive *terrane_nearest_gradient(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor output, const terrane_primitive *forward) {
  terrane_layout d[] = {terrane_describe(input), terrane_describe(output)};
  return terrane_primitive_make(
      terrane_described_nearest_gradient(engine, d[0], d[1], forward->description), 2, d, NULL);
}

static inline terrane_layout_of_primitive terrane_argument(const terrane_primitive *primitive, int argument) {
  return dnnl_primitive_desc_query_md(primitive->description, dnnl_query_exec_arg_md, argument);
}

// The axes of an argument; 0 where the primitive has no such argument.
static inline int terrane_argument_rank(const terrane_primitive *primitive, int argument) {
  return terrane_layout_rank(terrane_argument(primitive, argument));
}

// The extents of an argument that the primitive has, without the padding of its layout.
static inline const int64_t *terrane_argument_extents(const terrane_primitive *primitive, int argument) {
  return terrane_layout_extents(terrane_argument(primitive, argument));
}

// Whether the library has only its plain loops for this, which are a hundred times slower than the rest of it.
static inline int terrane_is_reference(const terrane_primitive *primitive) {
  const char *implementation = NULL;
  dnnl_primitive_desc_query(primitive->description, dnnl_query_impl_info_str, 0, &implementation);
  return implementation && strncmp(implementation, "ref", 3) == 0;
}

// Bytes of one argument in the layout that the primitive chose; 0 where it has no such argument.
static inline size_t terrane_argument_bytes(const terrane_primitive *primitive, int argument) {
  terrane_layout_of_primitive layout = terrane_argument(primitive, argument);
  return layout ? dnnl_memory_desc_get_size(layout) : 0;
}

// A hash of the layout of one argument: equal layouts have equal hashes.
static inline uint64_t terrane_argument_layout(const terrane_primitive *primitive, int argument) {
  return terrane_layout_hash(terrane_argument(primitive, argument), 0xcbf29ce484222325u);
}

static inline dnnl_status_t terrane_execute(
    dnnl_engine_t engine, dnnl_stream_t stream, const terrane_primitive *primitive, int count, const int *arguments,
    void *const *pointers) {
  dnnl_exec_arg_t list[16];
  dnnl_status_t status = count <= 16 ? dnnl_success : dnnl_invalid_arguments;
  int made = 0;
  for (; status == dnnl_success && made < count; made++) {
    list[made].arg = arguments[made];
    status = dnnl_memory_create(
        &list[made].memory, terrane_argument(primitive, arguments[made]), engine, pointers[made]);
    if (status != dnnl_success) break;
  }
  if (status == dnnl_success) status = dnnl_primitive_execute(primitive->handle, stream, count, list);
  if (status == dnnl_success) status = dnnl_stream_wait(stream);
  for (int index = 0; index < made; index++) dnnl_memory_destroy(list[index].memory);
  return status;
}

static inline dnnl_status_t terrane_copy(
    dnnl_engine_t engine, dnnl_stream_t stream, terrane_layout_of_primitive from, void *source,
    terrane_layout_of_primitive to, void *target) {
  dnnl_primitive_desc_t description = NULL;
  dnnl_primitive_t reorder = NULL;
  dnnl_memory_t input = NULL, output = NULL;
  dnnl_status_t status = dnnl_reorder_primitive_desc_create(&description, from, engine, to, engine, NULL);
  if (status == dnnl_success) status = dnnl_primitive_create(&reorder, description);
  if (status == dnnl_success) status = dnnl_memory_create(&input, from, engine, source);
  if (status == dnnl_success) status = dnnl_memory_create(&output, to, engine, target);
  if (status == dnnl_success) {
    dnnl_exec_arg_t list[] = {{DNNL_ARG_FROM, input}, {DNNL_ARG_TO, output}};
    status = dnnl_primitive_execute(reorder, stream, 2, list);
  }
  if (status == dnnl_success) status = dnnl_stream_wait(stream);
  if (input) dnnl_memory_destroy(input);
  if (output) dnnl_memory_destroy(output);
  if (reorder) dnnl_primitive_destroy(reorder);
  if (description) dnnl_primitive_desc_destroy(description);
  return status;
}

// Copies between two layouts of the same extents.
static inline dnnl_status_t terrane_reorder(
    dnnl_engine_t engine, dnnl_stream_t stream, terrane_tensor from, void *source, terrane_tensor to, void *target) {
  terrane_layout d[] = {terrane_describe(from), terrane_describe(to)};
  dnnl_status_t status = terrane_copy(engine, stream, d[0], source, d[1], target);
  terrane_forget(2, d);
  return status;
}

// The same, prepared once.
static inline terrane_primitive *terrane_prepared_reorder(
    dnnl_engine_t engine, terrane_tensor from, terrane_tensor to) {
  terrane_layout d[] = {terrane_describe(from), terrane_describe(to)};
  dnnl_primitive_desc_t description = NULL;
  dnnl_reorder_primitive_desc_create(&description, d[0], engine, d[1], engine, NULL);
  return terrane_primitive_make(description, 2, d, NULL);
}

// Copies a tensor into the layout that a primitive chose for one of its arguments.
static inline dnnl_status_t terrane_pack(
    dnnl_engine_t engine, dnnl_stream_t stream, terrane_tensor from, void *source, const terrane_primitive *primitive,
    int argument, void *target) {
  terrane_layout d = terrane_describe(from);
  dnnl_status_t status = terrane_copy(engine, stream, d, source, terrane_argument(primitive, argument), target);
  terrane_forget(1, &d);
  return status;
}

// The way back: from the layout that a primitive chose to a tensor's own.
static inline dnnl_status_t terrane_unpack(
    dnnl_engine_t engine, dnnl_stream_t stream, const terrane_primitive *primitive, int argument, void *source,
    terrane_tensor to, void *target) {
  terrane_layout d = terrane_describe(to);
  dnnl_status_t status = terrane_copy(engine, stream, terrane_argument(primitive, argument), source, d, target);
  terrane_forget(1, &d);
  return status;
}

// The tensor that the post-operation with this number adds.
static inline int terrane_addend(int number) { return DNNL_ARG_ATTR_MULTIPLE_POST_OP(number) | DNNL_ARG_SRC_1; }

enum {
  terrane_source = DNNL_ARG_SRC,
  terrane_destination = DNNL_ARG_DST,
  terrane_weights = DNNL_ARG_WEIGHTS,
  terrane_bias = DNNL_ARG_BIAS,
  terrane_mean = DNNL_ARG_MEAN,
  terrane_variance = DNNL_ARG_VARIANCE,
  terrane_scale = DNNL_ARG_SCALE,
  terrane_shift = DNNL_ARG_SHIFT,
  terrane_workspace = DNNL_ARG_WORKSPACE,
  terrane_scratchpad = DNNL_ARG_SCRATCHPAD,
  terrane_source_gradient = DNNL_ARG_DIFF_SRC,
  terrane_destination_gradient = DNNL_ARG_DIFF_DST,
  terrane_weights_gradient = DNNL_ARG_DIFF_WEIGHTS,
  terrane_bias_gradient = DNNL_ARG_DIFF_BIAS,
  terrane_scale_gradient = DNNL_ARG_DIFF_SCALE,
  terrane_shift_gradient = DNNL_ARG_DIFF_SHIFT,
};

#endif
