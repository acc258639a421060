#include "engine/cuda/epilogue.h"

namespace vernier::engine::cuda {

Epilogue forward_epilogue(Activation act, bool bias, bool mask) {
  if (act == Activation::identity) return bias ? Epilogue::bias : Epilogue::none;
  if (act != Activation::relu) return Epilogue::none;
  if (mask) return bias ? Epilogue::bias_relu_mask : Epilogue::relu_mask;
  return bias ? Epilogue::bias_relu : Epilogue::relu;
}

Epilogue gradient_epilogue(bool bias, bool result_is_float) {
  return bias && result_is_float ? Epilogue::relu_gradient_bias : Epilogue::relu_gradient;
}

bool has_bias(Epilogue epilogue) {
  return epilogue == Epilogue::bias || epilogue == Epilogue::bias_relu ||
         epilogue == Epilogue::bias_relu_mask;
}

bool has_mask(Epilogue epilogue) { return epilogue >= Epilogue::relu_mask; }

}  // namespace vernier::engine::cuda
