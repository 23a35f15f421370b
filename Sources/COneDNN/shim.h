// The only file that knows oneDNN's C API. Swift sees a handful of functions in terrane's own terms, so that another
// major version of the library is a change here and nowhere else.
#ifndef TERRANE_CONEDNN_SHIM_H
#define TERRANE_CONEDNN_SHIM_H

#include <dnnl.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_VERSION_MAJOR != 2
#error "terrane is written against oneDNN 2.x; build with TERRANE_KERNELS=reference to do without it"
#endif

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

static inline dnnl_memory_desc_t terrane_describe(terrane_tensor tensor) {
  dnnl_memory_desc_t result;
  dnnl_format_tag_t plain[] = {dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
  dnnl_format_tag_t tag = tensor.block == 16  ? dnnl_aBcd16b
                          : tensor.block == 8 ? dnnl_aBcd8b
                          : tensor.block < 0  ? dnnl_format_tag_any
                                              : plain[tensor.rank - 1];
  memset(&result, 0, sizeof result);
  dnnl_memory_desc_init_by_tag(&result, tensor.rank, tensor.extents, tensor.is_bfloat16 ? dnnl_bf16 : dnnl_f32, tag);
  return result;
}

// Makes the primitive that a description describes and owns the description from then on; NULL where that fails.
static inline terrane_primitive *terrane_primitive_make(dnnl_primitive_desc_t description) {
  terrane_primitive made = {description, NULL};
  if (dnnl_primitive_create(&made.handle, description) != dnnl_success) {
    dnnl_primitive_desc_destroy(description);
    return NULL;
  }
  terrane_primitive *result = (terrane_primitive *)malloc(sizeof made);
  *result = made;
  return result;
}

// Makes the primitive from an operation's description; NULL where the library has no implementation.
static inline terrane_primitive *terrane_prepare_with(
    dnnl_engine_t engine, const_dnnl_op_desc_t operation, const_dnnl_primitive_attr_t attributes,
    const_dnnl_primitive_desc_t forward) {
  dnnl_primitive_desc_t description = NULL;
  if (dnnl_primitive_desc_create(&description, operation, attributes, engine, forward) != dnnl_success) return NULL;
  return terrane_primitive_make(description);
}

static inline terrane_primitive *terrane_prepare(
    dnnl_engine_t engine, const_dnnl_op_desc_t operation, const_dnnl_primitive_desc_t forward) {
  return terrane_prepare_with(engine, operation, NULL, forward);
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
    case terrane_relu: dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_relu, 0, 0); break;
    case terrane_relu6: dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_clip, 0, 6); break;
    case terrane_silu: dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_swish, 1, 0); break;
    case terrane_hard_swish: dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_hardswish, 0, 0); break;
    case terrane_sigmoid: dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_logistic, 0, 0); break;
    case terrane_hard_sigmoid:
      dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_linear, 1.0f / 6, 0.5f);
      dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_clip, 0, 1);
      break;
    case terrane_gelu: dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_gelu_erf, 0, 0); break;
  }
}

// The same with what is done to each result before it is stored: it is added to what lies there (`accumulates`), another
// tensor like it is added (`addend`, may be NULL), a function is applied (`activation`). Such a primitive gets its scratchpad from
// the caller and keeps nothing, so that several threads can run it at once.
static inline terrane_primitive *terrane_prepare_fused(
    dnnl_engine_t engine, const_dnnl_op_desc_t operation, int accumulates, const dnnl_memory_desc_t *addend,
    terrane_activation activation) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t after = NULL;
  terrane_primitive *result = NULL;
  if (dnnl_primitive_attr_create(&attributes) == dnnl_success && dnnl_post_ops_create(&after) == dnnl_success) {
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (accumulates) dnnl_post_ops_append_sum(after, 1);
    if (addend) dnnl_post_ops_append_binary(after, dnnl_binary_add, addend);
    terrane_append_activation(after, activation);
    dnnl_primitive_attr_set_post_ops(attributes, after);
    result = terrane_prepare_with(engine, operation, attributes, NULL);
  }
  if (after) dnnl_post_ops_destroy(after);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  return result;
}

static inline void terrane_primitive_destroy(terrane_primitive *primitive) {
  dnnl_primitive_destroy(primitive->handle);
  dnnl_primitive_desc_destroy(primitive->description);
  free(primitive);
}

static inline terrane_primitive *terrane_convolution(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor weight, int has_bias, terrane_tensor output,
    terrane_sliding kernel) {
  dnnl_memory_desc_t x = terrane_describe(input), w = terrane_describe(weight), y = terrane_describe(output);
  terrane_tensor bias = {1, {output.extents[1]}, 0};
  dnnl_memory_desc_t b = terrane_describe(bias);
  dnnl_convolution_desc_t operation;
  dnnl_dilated_convolution_forward_desc_init(&operation, dnnl_forward_training, dnnl_convolution_direct, &x, &w,
                                     has_bias ? &b : NULL, &y, kernel.stride, kernel.dilation, kernel.before, kernel.after);
  return terrane_prepare(engine, &operation, NULL);
}

// A convolution of inference: bias and post-operations in one pass.
static inline terrane_primitive *terrane_fused_convolution(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor weight, terrane_tensor output, terrane_sliding kernel,
    int has_bias, int accumulates, int has_addend, terrane_activation activation) {
  dnnl_memory_desc_t x = terrane_describe(input), w = terrane_describe(weight), y = terrane_describe(output);
  terrane_tensor bias = {1, {output.extents[1]}, 0};
  dnnl_memory_desc_t b = terrane_describe(bias);
  dnnl_convolution_desc_t operation;
  dnnl_dilated_convolution_forward_desc_init(&operation, dnnl_forward_inference, dnnl_convolution_direct, &x, &w,
                                     has_bias ? &b : NULL, &y, kernel.stride, kernel.dilation, kernel.before,
                                     kernel.after);
  return terrane_prepare_fused(engine, &operation, accumulates, has_addend ? &y : NULL, activation);
}

// A matrix [rows, channels] as an image of one row of pixels, its channels last.
static inline dnnl_memory_desc_t terrane_describe_rows(int64_t rows, int64_t channels, int is_bfloat16) {
  dnnl_memory_desc_t result;
  dnnl_dims_t extents = {1, channels, 1, rows};
  dnnl_memory_desc_init_by_tag(&result, 4, extents, is_bfloat16 ? dnnl_bf16 : dnnl_f32, dnnl_acdb);
  return result;
}

// W x + b of each row of a matrix as a convolution of 1 x 1, whose weight, unlike a matrix product's, is
// packed once; where `is_bfloat16`, x and W are, and the result is Float32 all the same.
static inline terrane_primitive *terrane_linear_map(
    dnnl_engine_t engine, int64_t rows, int64_t inputs, int64_t outputs, int has_bias, int has_addend,
    terrane_activation activation, int is_bfloat16) {
  dnnl_memory_desc_t x = terrane_describe_rows(rows, inputs, is_bfloat16), y = terrane_describe_rows(rows, outputs, 0);
  terrane_tensor weight = {4, {outputs, inputs, 1, 1}, -1, is_bfloat16}, bias = {1, {outputs}, 0};
  dnnl_memory_desc_t w = terrane_describe(weight), b = terrane_describe(bias);
  dnnl_dims_t ones = {1, 1}, zeros = {0, 0};
  dnnl_convolution_desc_t operation;
  dnnl_convolution_forward_desc_init(
      &operation, dnnl_forward_inference, dnnl_convolution_direct, &x, &w, has_bias ? &b : NULL, &y, ones, zeros, zeros);
  return terrane_prepare_fused(engine, &operation, 0, has_addend ? &y : NULL, activation);
}

// `count` matrices [rows, columns] that lie `stride` floats apart, each transposed where `transposed`; in whatever layout a
// primitive likes where `stride` is 0.
static inline dnnl_memory_desc_t terrane_describe_matrices(
    int64_t count, int64_t rows, int64_t columns, int64_t stride, int transposed) {
  dnnl_memory_desc_t result;
  dnnl_dims_t extents = {count, rows, columns};
  dnnl_dims_t strides = {stride, transposed ? 1 : columns, transposed ? rows : 1};
  if (stride) {
    dnnl_memory_desc_init_by_strides(&result, 3, extents, dnnl_f32, strides);
  } else {
    dnnl_memory_desc_init_by_tag(&result, 3, extents, dnnl_f32, dnnl_format_tag_any);
  }
  return result;
}

// `count` matrix products [rows, inner] x [inner, columns]; what the strides mean, see above.
static inline terrane_primitive *terrane_matrix_products(
    dnnl_engine_t engine, int64_t count, int64_t rows, int64_t inner, int64_t columns, int64_t left_stride,
    int left_is_transposed, int64_t right_stride, int64_t result_stride, int accumulates) {
  dnnl_memory_desc_t a = terrane_describe_matrices(count, rows, inner, left_stride, left_is_transposed);
  dnnl_memory_desc_t b = terrane_describe_matrices(count, inner, columns, right_stride, 0);
  dnnl_memory_desc_t c = terrane_describe_matrices(count, rows, columns, result_stride, 0);
  dnnl_matmul_desc_t operation;
  dnnl_matmul_desc_init(&operation, &a, &b, NULL, &c);
  return terrane_prepare_fused(engine, &operation, accumulates, NULL, terrane_identity);
}

static inline terrane_primitive *terrane_convolution_input_gradient(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor weight, terrane_tensor output, terrane_sliding kernel,
    const terrane_primitive *forward) {
  dnnl_memory_desc_t x = terrane_describe(input), w = terrane_describe(weight), y = terrane_describe(output);
  dnnl_convolution_desc_t operation;
  dnnl_dilated_convolution_backward_data_desc_init(&operation, dnnl_convolution_direct, &x, &w, &y, kernel.stride,
                                                   kernel.dilation, kernel.before, kernel.after);
  return terrane_prepare(engine, &operation, forward->description);
}

static inline terrane_primitive *terrane_convolution_weight_gradient(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor weight, int has_bias, terrane_tensor output,
    terrane_sliding kernel, const terrane_primitive *forward) {
  dnnl_memory_desc_t x = terrane_describe(input), w = terrane_describe(weight), y = terrane_describe(output);
  terrane_tensor bias = {1, {output.extents[1]}, 0};
  dnnl_memory_desc_t b = terrane_describe(bias);
  dnnl_convolution_desc_t operation;
  dnnl_dilated_convolution_backward_weights_desc_init(&operation, dnnl_convolution_direct, &x, &w, has_bias ? &b : NULL, &y,
                                              kernel.stride, kernel.dilation, kernel.before, kernel.after);
  return terrane_prepare(engine, &operation, forward->description);
}

// Batch normalisation with scale and shift; `own_statistics` computes mean and variance from the batch.
static inline terrane_primitive *terrane_batch_normalization(
    dnnl_engine_t engine, terrane_tensor input, float epsilon, int own_statistics, int relu) {
  dnnl_memory_desc_t x = terrane_describe(input);
  unsigned flags = dnnl_use_scale | dnnl_use_shift;
  if (!own_statistics) flags |= dnnl_use_global_stats;
  if (relu) flags |= dnnl_fuse_norm_relu;
  dnnl_batch_normalization_desc_t operation;
  dnnl_batch_normalization_forward_desc_init(
      &operation, own_statistics ? dnnl_forward_training : dnnl_forward_inference, &x, epsilon, flags);
  return terrane_prepare(engine, &operation, NULL);
}

static inline terrane_primitive *terrane_batch_normalization_gradient(
    dnnl_engine_t engine, terrane_tensor input, float epsilon, int relu, const terrane_primitive *forward) {
  dnnl_memory_desc_t x = terrane_describe(input);
  unsigned flags = dnnl_use_scale | dnnl_use_shift | (relu ? dnnl_fuse_norm_relu : 0);
  dnnl_batch_normalization_desc_t operation;
  dnnl_batch_normalization_backward_desc_init(&operation, dnnl_backward, &x, &x, epsilon, flags);
  return terrane_prepare(engine, &operation, forward->description);
}

// The mean of each window, zeros of the padding counted, or its largest value.
static inline dnnl_alg_kind_t terrane_pooling_algorithm(int is_mean) {
  return is_mean ? dnnl_pooling_avg_include_padding : dnnl_pooling_max;
}

static inline terrane_primitive *terrane_pooling(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor output, terrane_sliding kernel, int is_mean, int training) {
  dnnl_memory_desc_t x = terrane_describe(input), y = terrane_describe(output);
  dnnl_pooling_desc_t operation;
  dnnl_pooling_forward_desc_init(&operation, training ? dnnl_forward_training : dnnl_forward_inference,
                                 terrane_pooling_algorithm(is_mean), &x, &y, kernel.stride, kernel.size, kernel.before,
                                 kernel.after);
  return terrane_prepare(engine, &operation, NULL);
}

static inline terrane_primitive *terrane_pooling_gradient(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor output, terrane_sliding kernel, int is_mean,
    const terrane_primitive *forward) {
  dnnl_memory_desc_t x = terrane_describe(input), y = terrane_describe(output);
  dnnl_pooling_desc_t operation;
  dnnl_pooling_backward_desc_init(&operation, terrane_pooling_algorithm(is_mean), &x, &y, kernel.stride, kernel.size,
                                  kernel.before, kernel.after);
  return terrane_prepare(engine, &operation, forward->description);
}

static inline terrane_primitive *terrane_nearest(dnnl_engine_t engine, terrane_tensor input, terrane_tensor output) {
  dnnl_memory_desc_t x = terrane_describe(input), y = terrane_describe(output);
  dnnl_resampling_desc_t operation;
  dnnl_resampling_forward_desc_init(&operation, dnnl_forward_training, dnnl_resampling_nearest, NULL, &x, &y);
  return terrane_prepare(engine, &operation, NULL);
}

static inline terrane_primitive *terrane_nearest_gradient(
    dnnl_engine_t engine, terrane_tensor input, terrane_tensor output, const terrane_primitive *forward) {
  dnnl_memory_desc_t x = terrane_describe(input), y = terrane_describe(output);
  dnnl_resampling_desc_t operation;
  dnnl_resampling_backward_desc_init(&operation, dnnl_resampling_nearest, NULL, &x, &y);
  return terrane_prepare(engine, &operation, forward->description);
}

static inline const dnnl_memory_desc_t *terrane_argument(const terrane_primitive *primitive, int argument) {
  return dnnl_primitive_desc_query_md(primitive->description, dnnl_query_exec_arg_md, argument);
}

// Whether the library has only its plain loops for this, which are a hundred times slower than the rest of it.
static inline int terrane_is_reference(const terrane_primitive *primitive) {
  const char *implementation = NULL;
  dnnl_primitive_desc_query(primitive->description, dnnl_query_impl_info_str, 0, &implementation);
  return implementation && strncmp(implementation, "ref", 3) == 0;
}

// Bytes of one argument in the layout that the primitive chose; 0 where it has no such argument.
static inline size_t terrane_argument_bytes(const terrane_primitive *primitive, int argument) {
  const dnnl_memory_desc_t *description = terrane_argument(primitive, argument);
  return description ? dnnl_memory_desc_get_size(description) : 0;
}

// A hash of the layout of one argument: equal layouts have equal hashes (FNV-1a over the description).
static inline uint64_t terrane_argument_layout(const terrane_primitive *primitive, int argument) {
  const unsigned char *bytes = (const unsigned char *)terrane_argument(primitive, argument);
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t index = 0; index < sizeof(dnnl_memory_desc_t); index++) {
    hash = (hash ^ bytes[index]) * 0x100000001b3u;
  }
  return hash;
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
    dnnl_engine_t engine, dnnl_stream_t stream, const dnnl_memory_desc_t *from, void *source,
    const dnnl_memory_desc_t *to, void *target) {
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
  dnnl_memory_desc_t a = terrane_describe(from), b = terrane_describe(to);
  return terrane_copy(engine, stream, &a, source, &b, target);
}

// The same, prepared once.
static inline terrane_primitive *terrane_prepared_reorder(
    dnnl_engine_t engine, terrane_tensor from, terrane_tensor to) {
  dnnl_memory_desc_t a = terrane_describe(from), b = terrane_describe(to);
  dnnl_primitive_desc_t description = NULL;
  if (dnnl_reorder_primitive_desc_create(&description, &a, engine, &b, engine, NULL) != dnnl_success) return NULL;
  return terrane_primitive_make(description);
}

// Copies a tensor into the layout that a primitive chose for one of its arguments.
static inline dnnl_status_t terrane_pack(
    dnnl_engine_t engine, dnnl_stream_t stream, terrane_tensor from, void *source, const terrane_primitive *primitive,
    int argument, void *target) {
  dnnl_memory_desc_t description = terrane_describe(from);
  return terrane_copy(engine, stream, &description, source, terrane_argument(primitive, argument), target);
}

// The way back: from the layout that a primitive chose to a tensor's own.
static inline dnnl_status_t terrane_unpack(
    dnnl_engine_t engine, dnnl_stream_t stream, const terrane_primitive *primitive, int argument, void *source,
    terrane_tensor to, void *target) {
  dnnl_memory_desc_t description = terrane_describe(to);
  return terrane_copy(engine, stream, terrane_argument(primitive, argument), source, &description, target);
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
