// What shim.h needs of oneDNN 3, where layouts are objects and a primitive is described in one call.
#ifndef TERRANE_CONEDNN_VERSION3_H
#define TERRANE_CONEDNN_VERSION3_H

typedef dnnl_memory_desc_t terrane_layout;
typedef const_dnnl_memory_desc_t terrane_layout_of_primitive;

// Whether the gradient of a normalisation counts the shift among its inputs.
static inline int terrane_normalization_gradient_takes_shift(void) { return 0; }

static inline terrane_layout terrane_layout_by_tag(
    int rank, const int64_t *extents, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  terrane_layout result = NULL;
  dnnl_memory_desc_create_with_tag(&result, rank, extents, type, tag);
  return result;
}

static inline terrane_layout terrane_layout_by_strides(int rank, const int64_t *extents, const int64_t *strides) {
  terrane_layout result = NULL;
  dnnl_memory_desc_create_with_strides(&result, rank, extents, dnnl_f32, strides);
  return result;
}

static inline void terrane_layout_destroy(terrane_layout layout) {
  if (layout) dnnl_memory_desc_destroy(layout);
}

static inline int terrane_layout_rank(terrane_layout_of_primitive layout) {
  int rank = 0;
  if (layout) dnnl_memory_desc_query(layout, dnnl_query_ndims_s32, &rank);
  return rank;
}

static inline const int64_t *terrane_layout_extents(terrane_layout_of_primitive layout) {
  const dnnl_dims_t *extents = NULL;
  dnnl_memory_desc_query(layout, dnnl_query_dims, &extents);
  return *extents;
}

// Over all that can be asked of a layout: its bytes are the library's own.
static inline uint64_t terrane_layout_hash(terrane_layout_of_primitive layout, uint64_t hash) {
  int rank = terrane_layout_rank(layout), blocks = 0;
  dnnl_data_type_t type = dnnl_data_type_undef;
  size_t bytes = dnnl_memory_desc_get_size(layout);
  dnnl_memory_desc_query(layout, dnnl_query_inner_nblks_s32, &blocks);
  dnnl_memory_desc_query(layout, dnnl_query_data_type, &type);
  hash = terrane_hash(hash, &rank, sizeof rank);
  hash = terrane_hash(hash, &blocks, sizeof blocks);
  hash = terrane_hash(hash, &type, sizeof type);
  hash = terrane_hash(hash, &bytes, sizeof bytes);
  const dnnl_query_t lists[] = {dnnl_query_dims, dnnl_query_padded_dims, dnnl_query_padded_offsets, dnnl_query_strides,
    dnnl_query_inner_blks, dnnl_query_inner_idxs};
  for (int index = 0; index < 6; index++) {
    const dnnl_dims_t *list = NULL;
    if (dnnl_memory_desc_query(layout, lists[index], &list) != dnnl_success || !list) continue;
    hash = terrane_hash(hash, *list, (index < 4 ? rank : blocks) * sizeof(int64_t));
  }
  return hash;
}

static inline void terrane_append_sum(dnnl_post_ops_t after) {
  dnnl_post_ops_append_sum(after, 1, 0, dnnl_data_type_undef);
}

static inline void terrane_append_function(dnnl_post_ops_t after, dnnl_alg_kind_t function, float alpha, float beta) {
  dnnl_post_ops_append_eltwise(after, function, alpha, beta);
}

// x min(max(alpha x + beta, 0), 1): without the factors it would be 0.
static inline void terrane_append_hard_swish(dnnl_post_ops_t after) {
  terrane_append_function(after, dnnl_eltwise_hardswish, 1.0f / 6, 0.5f);
}

// Each returns a description of a primitive; NULL where the library has no implementation.
static inline dnnl_primitive_desc_t terrane_described_convolution(
    dnnl_engine_t engine, dnnl_prop_kind_t kind, terrane_layout x, terrane_layout w, terrane_layout bias, terrane_layout y,
    terrane_sliding kernel, const_dnnl_primitive_attr_t attributes) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_convolution_forward_primitive_desc_create(
      &result, engine, kind, dnnl_convolution_direct, x, w, bias, y, kernel.stride, kernel.dilation, kernel.before,
      kernel.after, attributes);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_input_gradient(
    dnnl_engine_t engine, terrane_layout x, terrane_layout w, terrane_layout y, terrane_sliding kernel,
    const_dnnl_primitive_desc_t forward) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_convolution_backward_data_primitive_desc_create(
      &result, engine, dnnl_convolution_direct, x, w, y, kernel.stride, kernel.dilation, kernel.before, kernel.after,
      forward, NULL);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_weight_gradient(
    dnnl_engine_t engine, terrane_layout x, terrane_layout w, terrane_layout bias, terrane_layout y, terrane_sliding kernel,
    const_dnnl_primitive_desc_t forward) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_convolution_backward_weights_primitive_desc_create(
      &result, engine, dnnl_convolution_direct, x, w, bias, y, kernel.stride, kernel.dilation, kernel.before, kernel.after,
      forward, NULL);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_product(
    dnnl_engine_t engine, terrane_layout a, terrane_layout b, terrane_layout c, const_dnnl_primitive_attr_t attributes) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_matmul_primitive_desc_create(&result, engine, a, b, NULL, c, attributes);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_normalization(
    dnnl_engine_t engine, dnnl_prop_kind_t kind, terrane_layout x, float epsilon, unsigned flags) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_batch_normalization_forward_primitive_desc_create(&result, engine, kind, x, x, epsilon, flags, NULL);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_normalization_gradient(
    dnnl_engine_t engine, terrane_layout x, float epsilon, unsigned flags, const_dnnl_primitive_desc_t forward) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_batch_normalization_backward_primitive_desc_create(
      &result, engine, dnnl_backward, x, x, x, epsilon, flags, forward, NULL);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_pooling(
    dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm, terrane_layout x, terrane_layout y,
    terrane_sliding kernel) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_dims_t undilated = {0, 0};
  dnnl_pooling_forward_primitive_desc_create(
      &result, engine, kind, algorithm, x, y, kernel.stride, kernel.size, undilated, kernel.before, kernel.after, NULL);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_pooling_gradient(
    dnnl_engine_t engine, dnnl_alg_kind_t algorithm, terrane_layout x, terrane_layout y, terrane_sliding kernel,
    const_dnnl_primitive_desc_t forward) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_dims_t undilated = {0, 0};
  dnnl_pooling_backward_primitive_desc_create(
      &result, engine, algorithm, x, y, kernel.stride, kernel.size, undilated, kernel.before, kernel.after, forward, NULL);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_nearest(
    dnnl_engine_t engine, terrane_layout x, terrane_layout y) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_resampling_forward_primitive_desc_create(
      &result, engine, dnnl_forward_training, dnnl_resampling_nearest, NULL, x, y, NULL);
  return result;
}

static inline dnnl_primitive_desc_t terrane_described_nearest_gradient(
    dnnl_engine_t engine, terrane_layout x, terrane_layout y, const_dnnl_primitive_desc_t forward) {
  dnnl_primitive_desc_t result = NULL;
  dnnl_resampling_backward_primitive_desc_create(
      &result, engine, dnnl_resampling_nearest, NULL, x, y, forward, NULL);
  return result;
}

#endif
