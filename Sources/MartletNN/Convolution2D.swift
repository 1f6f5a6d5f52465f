public import MartletTensor

/// A convolution of planes: `[B, O, H', W']` of `[B, C, H, W]`, H' = (H + 2 · padding − dilation · (K − 1) − 1) / stride + 1.
///
/// Parameters as in PyTorch's `nn.Conv2d`: `weight [O, C / groups, K, K']`, `bias [O]`.
public struct Convolution2D: Module {
    /// The kernels, `[outputChannels, inputChannels / groups, height, width]`.
    public var weight: Tensor
    /// The offset, `[outputChannels]`, or nil.
    public var bias: Tensor?
    /// The distance of two windows.
    public let stride: Size2D
    /// How many zeros stand on each side.
    public let padding: Size2D
    /// The distance of two elements of a window.
    public let dilation: Size2D
    /// Into how many groups the channels are cut.
    public let groups: Int

    /// A layer with weights uniform in ±1/√(inputChannels / groups · height · width), PyTorch's initialisation.
    public init(
        inputChannels: Int, outputChannels: Int, kernelSize: Size2D, stride: Size2D = 1,
        padding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1, bias: Bool = true,
        using random: inout RandomGenerator
    ) {
        precondition(
            groups >= 1 && inputChannels % groups == 0 && outputChannels % groups == 0,
            "convolution: \(inputChannels) channels to \(outputChannels) in \(groups) groups")
        let share = inputChannels / groups
        let bound =
            1 / Double(max(share * kernelSize.height * kernelSize.width, 1)).squareRoot()
        weight = random.uniform(
            [outputChannels, share, kernelSize.height, kernelSize.width], in: -bound...bound)
        self.bias = bias ? random.uniform([outputChannels], in: -bound...bound) : nil
        (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
        self.groups = groups
    }

    /// A layer of the given parameters.
    public init(
        weight: Tensor, bias: Tensor?, stride: Size2D = 1, padding: Size2D = 0,
        dilation: Size2D = 1, groups: Int = 1
    ) {
        self.weight = weight
        self.bias = bias
        (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
        self.groups = groups
    }

    /// The output, `[B, outputChannels, H', W']`, of an input `[B, inputChannels, H, W]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        input.convolution2D(
            weight: weight, bias: bias, stride: stride, padding: padding, dilation: dilation,
            groups: groups)
    }

    /// Visits `weight` and, if there is one, `bias`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight", &weight)
        try bias.visit("bias", visit)
    }
}
