public import MartletTensor

/// A convolution over time: `[B, out, W]` of `[B, in, T]`, W = (T + 2 · padding − K) / stride + 1.
///
/// Parameters as in PyTorch's `nn.Conv1d`: `weight [out, in, K]`, `bias [out]`.
public struct Conv1D: Module {
    /// The kernels, `[outputSize, inputSize, kernelSize]`.
    public var weight: Tensor
    /// The offset, `[outputSize]`, or nil.
    public var bias: Tensor?
    /// The distance of two windows.
    public let stride: Int
    /// How many zeros stand before the first step and behind the last one.
    public let padding: Int

    /// A layer with weights uniform in ±1/√(inputSize · kernelSize), PyTorch's initialisation.
    public init(
        inputSize: Int, outputSize: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
        bias: Bool = true, using random: inout RandomGenerator
    ) {
        let bound = 1 / Double(max(inputSize * kernelSize, 1)).squareRoot()
        weight = random.uniform([outputSize, inputSize, kernelSize], in: -bound...bound)
        self.bias = bias ? random.uniform([outputSize], in: -bound...bound) : nil
        self.stride = stride
        self.padding = padding
    }

    /// A layer of the given parameters.
    public init(weight: Tensor, bias: Tensor?, stride: Int = 1, padding: Int = 0) {
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding
    }

    /// The output, `[B, outputSize, W]`, of an input `[B, inputSize, T]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        input.convolved1D(weight: weight, bias: bias, stride: stride, padding: padding)
    }

    /// Visits `weight` and, if there is one, `bias`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight", &weight)
        try bias.visit("bias", visit)
    }
}
