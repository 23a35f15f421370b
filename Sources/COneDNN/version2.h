// What shim.h needs of oneDNN 2, where an operation is described before a primitive of it is.
#ifndef TERRANE_CONEDNN_VERSION2_H
#define TERRANE_CONEDNN_VERSION2_H

typedef dnnl_memory_desc_t *terrane_layout;
typedef const dnnl_memory_desc_t *terrane_layout_of_primitive;

// Whether the gradient of a normalisation counts the shift among its inputs.
static inline int terrane_normalization_gradient_takes_shift(void) { return 1; }

static inline terrane_layout terrane_layout_by_tag(
    int rank, const int64_t *extents, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  terrane_layout result = (terrane_layout)calloc(1, sizeof *result);
  dnnl_memory_desc_init_by_tag(result, rank, extents, type, tag);
  return result;
}

static inline terrane_layout terrane_layout_by_strides(int rank, const int64_t *extents, const int64_t *strides) {
  terrane_layout result = (terrane_layout)calloc(1, sizeof *result);
  dnnl_memory_desc_init_by_strides(result, rank, extents, dnnl_f32, strides);
  return result;
}

static inline void terrane_layout_destroy(terrane_layout layout) { free(layout); }

static inline int terrane_layout_rank(terrane_layout_of_primitive layout) { return layout ? layout->ndims : 0; }

static inline const int64_t *terrane_layout_extents(terrane_layout_of_primitive layout) { return layout->dims; }

static inline uint64_t terrane_layout_hash(terrane_layout_of_primitive layout, uint64_t hash) {
  return terrane_hash(hash, layout, sizeof *layout);
}

static inline void terrane_append_sum(dnnl_post_ops_t after) { dnnl_post_ops_append_sum(after, 1); }

static inline void terrane_append_function(dnnl_post_ops_t after, dnnl_alg_kind_t function, float alpha, float beta) {
  dnnl_post_ops_append_eltwise(after, 1, function, alpha, beta);
}

// x min(max(x + 3, 0), 6) / 6; the two factors are fixed.
static inline void terrane_append_hard_swish(dnnl_post_ops_t after) {
  terrane_append_function(after, dnnl_eltwise_hardswish, 0, 0);
}

// A description of the primitive of an operation; NULL where the library has no implementation.
static inline dnnl_primitive_desc_t terrane_described(
    dnnl_engine_t engine, const_dnnl_op_desc_t operation, const_dnnl_primitive_attr_t attributes,
    const_dnnl_primitive_desc_t forward) {
  dnnl_primitive_desc_t result = NULL;
  return dnnl_primitive_desc_create(&result, operation, attributes, engine, forward) == dnnl_success ? result : NULL;
}

static inline dnnl_primitive_desc_t terrane_described_convolution(
    dnnl_engine_t engine, dnnl_prop_kind_t kind, terrane_layout x, terrane_layout w, terrane_layout bias, terrane_layout y,
    terrane_sliding kernel, const_dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t operation;
  dnnl_dilated_convolution_forward_desc_init(
      &operation, kind, dnnl_convolution_direct, x, w, bias, y, kernel.stride, kernel.dilation, kernel.before, kernel.after);
  return terrane_described(engine, &operation, attributes, NULL);
}

static inline dnnl_primitive_desc_t terrane_described_input_gradient(
    dnnl_engine_t engine, terrane_layout x, terrane_layout w, terrane_layout y, terrane_sliding kernel,
    const_dnnl_primitive_desc_t forward) {
  dnnl_convolution_desc_t operation;
  dnnl_dilated_convolution_backward_data_desc_init(
      &operation, dnnl_convolution_direct, x, w, y, kernel.stride, kernel.dilation, kernel.before, kernel.after);
  return terrane_described(engine, &operation, NULL, forward);
}

static inline dnnl_primitive_desc_t terrane_described_weight_gradient(
    dnnl_engine_t engine, terrane_layout x, terrane_layout w, terrane_layout bias, terrane_layout y, terrane_sliding kernel,
    const_dnnl_primitive_desc_t forward) {
  dnnl_convolution_desc_t operation;
  dnnl_dilated_convolution_backward_weights_desc_init(
      &operation, dnnl_convolution_direct, x, w, bias, y, kernel.stride, kernel.dilation, kernel.before, kernel.after);
  return terrane_described(engine, &operation, NULL, forward);
}

static inline dnnl_primitive_desc_t terrane_described_product(
    dnnl_engine_t engine, terrane_layout a, terrane_layout b, terrane_layout c, const_dnnl_primitive_attr_t attributes) {
  dnnl_matmul_desc_t operation;
  dnnl_matmul_desc_init(&operation, a, b, NULL, c);
  return terrane_described(engine, &operation, attributes, NULL);
}

static inline dnnl_primitive_desc_t terrane_described_normalization(
    dnnl_engine_t engine, dnnl_prop_kind_t kind, terrane_layout x, float epsilon, unsigned flags) {
  dnnl_batch_normalization_desc_t operation;
  dnnl_batch_normalization_forward_desc_init(&operation, kind, x, epsilon, flags);
  return terrane_described(engine, &operation, NULL, NULL);
}

static inline dnnl_primitive_desc_t terrane_described_normalization_gradient(
    dnnl_engine_t engine, terrane_layout x, float epsilon, unsigned flags, const_dnnl_primitive_desc_t forward) {
  dnnl_batch_normalization_desc_t operation;
  dnnl_batch_normalization_backward_desc_init(&operation, dnnl_backward, x, x, epsilon, flags);
  return terrane_described(engine, &operation, NULL, forward);
}

static inline dnnl_primitive_desc_t terrane_described_pooling(
    dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm, terrane_layout x, terrane_layout y,
    terrane_sliding kernel) {
  dnnl_pooling_desc_t operation;
  dnnl_pooling_forward_desc_init(
      &operation, kind, algorithm, x, y, kernel.stride, kernel.size, kernel.before, kernel.after);
  return terrane_described(engine, &operation, NULL, NULL);
}

static inline dnnl_primitive_desc_t terrane_described_pooling_gradient(
    dnnl_engine_t engine, dnnl_alg_kind_t algorithm, terrane_layout x, terrane_layout y, terrane_sliding kernel,
    const_dnnl_primitive_desc_t forward) {
  dnnl_pooling_desc_t operation;
  dnnl_pooling_backward_desc_init(&operation, algorithm, x, y, kernel.stride, kernel.size, kernel.before, kernel.after);
  return terrane_described(engine, &operation, NULL, forward);
}

static inline dnnl_primitive_desc_t terrane_described_nearest(
    dnnl_engine_t engine, terrane_layout x, terrane_layout y) {
  dnnl_resampling_desc_t operation;
  dnnl_resampling_forward_desc_init(&operation, dnnl_forward_training, dnnl_resampling_nearest, NULL, x, y);
  return terrane_described(engine, &operation, NULL, NULL);
}

static inline dnnl_primitive_desc_t terrane_described_nearest_gradient(
    dnnl_engine_t engine, terrane_layout x, terrane_layout y, const_dnnl_primitive_desc_t forward) {
  dnnl_resampling_desc_t operation;
  dnnl_resampling_backward_desc_init(&operation, dnnl_resampling_nearest, NULL, x, y);
  return terrane_described(engine, &operation, NULL, forward);
}

#endif
