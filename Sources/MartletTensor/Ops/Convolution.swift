import CMartletKernels

/// A height and a width: of windows, of the steps between them, of what stands around a plane.
///
/// A literal is both at once: `stride: 2`.
public struct Size2D: Sendable, Hashable, Codable, ExpressibleByIntegerLiteral,
    CustomStringConvertible
{
    /// Along the rows of a plane.
    public var height: Int
    /// Along its columns.
    public var width: Int

    /// Of a height and a width.
    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    /// The same both ways.
    public init(_ both: Int) { self.init(height: both, width: both) }

    /// The same both ways.
    public init(integerLiteral both: Int) { self.init(both) }

    /// "3 x 5".
    public var description: String { "\(height) x \(width)" }
}

extension mk_convolution {
    /// Windows of `size` over planes `[B, C, H, W]`; `channels` come out.
    init(
        _ operation: StaticString, of input: Shape, channels: Int, size: Size2D, stride: Size2D,
        padding: Size2D, dilation: Size2D = 1, groups: Int = 1
    ) {
        precondition(
            size.height >= 1 && size.width >= 1 && stride.height >= 1 && stride.width >= 1
                && padding.height >= 0 && padding.width >= 0 && dilation.height >= 1
                && dilation.width >= 1,
            "\(operation): windows of \(size), stride \(stride), padding \(padding), dilation \(dilation)"
        )
        let covered = Size2D(
            height: dilation.height * (size.height - 1) + 1,
            width: dilation.width * (size.width - 1) + 1)
        let there = Size2D(
            height: input[2] + 2 * padding.height, width: input[3] + 2 * padding.width)
        precondition(
            there.height >= covered.height && there.width >= covered.width,
            "\(operation): planes of \(there) with their padding are smaller than a window, \(covered)"
        )
        self.init(
            batch: input[0], in_channels: input[1], out_channels: channels, groups: groups,
            height: input[2], width: input[3],
            out_height: (there.height - covered.height) / stride.height + 1,
            out_width: (there.width - covered.width) / stride.width + 1,
            kernel_height: size.height, kernel_width: size.width, stride_height: stride.height,
            stride_width: stride.width, padding_height: padding.height,
            padding_width: padding.width, dilation_height: dilation.height,
            dilation_width: dilation.width)
    }

    /// `[B, O, H', W']`.
    var result: Shape { [batch, out_channels, out_height, out_width] }
}

extension Tensor {
    /// The convolution of planes, `[B, O, H', W']` of `[B, C, H, W]`, H' = (H + 2 · padding − dilation · (K − 1) − 1) / stride + 1.
    ///
    /// ```text
    /// y[b, o, p, q] = bias[o] + Σ_c,i,j  weight[o, c, i, j] · x[b, c, p · stride + i · dilation − padding, q …]
    /// ```
    ///
    /// x is 0 outside. As in PyTorch the kernel is not turned around. Windows are gathered where a block of the product needs
    /// them, and the gradient of x is a product of the same kind for each remainder of the stride, so that no matrix of windows
    /// and no zeros between numbers are ever made.
    ///
    /// - Parameters:
    ///   - weight: `[O, C / groups, K, K']`.
    ///   - bias: `[O]`, or nil for 0.
    ///   - stride: the distance of two windows, at least 1.
    ///   - padding: how many zeros stand on each side.
    ///   - dilation: the distance of two elements of a window.
    ///   - groups: the channels are cut into so many groups, each with its own share of the O results; C: depthwise.
    public func convolution2D(
        weight: Tensor, bias: Tensor? = nil, stride: Size2D = 1, padding: Size2D = 0,
        dilation: Size2D = 1, groups: Int = 1
    ) -> Tensor {
        convolved(
            "convolution2D", weight: weight, bias: bias, stride: stride, padding: padding,
            dilation: dilation, groups: groups)
    }

    /// The convolution over time, `[B, out, W]` of `[B, in, T]`, W = (T + 2 · padding − dilation · (K − 1) − 1) / stride + 1.
    ///
    /// ```text
    /// y[b, o, w] = bias[o] + Σ_c,k  weight[o, c, k] · x[b, c, w · stride + k · dilation − padding]      (x is 0 outside)
    /// ```
    ///
    /// As ``convolution2D(weight:bias:stride:padding:dilation:groups:)`` for planes of one row.
    ///
    /// - Parameters:
    ///   - weight: `[out, in / groups, K]`.
    ///   - bias: `[out]`, or nil for 0.
    ///   - stride: the distance of two windows, at least 1.
    ///   - padding: how many zeros stand before the first step and behind the last one.
    ///   - dilation: the distance of two steps of a window.
    ///   - groups: the channels are cut into so many groups, each with its own share of the results.
    public func convolved1D(
        weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1
    ) -> Tensor {
        precondition(
            rank == 3 && weight.rank == 3, "convolved1D: \(shape) with a weight \(weight.shape)")
        let (x, kernel) = (contiguous(), weight.contiguous())
        return x.reshaped([shape[0], shape[1], 1, shape[2]]).convolved(
            "convolved1D",
            weight: kernel.reshaped([weight.shape[0], weight.shape[1], 1, weight.shape[2]]),
            bias: bias, stride: Size2D(height: 1, width: stride),
            padding: Size2D(height: 0, width: padding),
            dilation: Size2D(height: 1, width: dilation), groups: groups
        ).squeezedRow()
    }

    /// `[B, C, W]` of planes of one row.
    func squeezedRow() -> Tensor { reshaped([shape[0], shape[1], shape[3]]) }

    private func convolved(
        _ name: StaticString, weight: Tensor, bias: Tensor?, stride: Size2D, padding: Size2D,
        dilation: Size2D, groups: Int
    ) -> Tensor {
        precondition(
            rank == 4 && weight.rank == 4 && dtype == weight.dtype && groups >= 1
                && weight.shape[1] >= 1 && shape[1] == weight.shape[1] * groups
                && weight.shape[0] % groups == 0,
            "\(name): \(dtype) \(shape) with a weight \(weight.dtype) \(weight.shape) in \(groups) groups"
        )
        precondition(
            bias == nil || bias!.shape == [weight.shape[0]],
            "\(name): a bias \(bias!.shape) with a weight \(weight.shape)")
        let (x, kernel, offset) = (contiguous(), weight.contiguous(), bias?.contiguous())
        let form = mk_convolution(
            name, of: shape, channels: weight.shape[0],
            size: Size2D(height: weight.shape[2], width: weight.shape[3]), stride: stride,
            padding: padding, dilation: dilation, groups: groups)
        let y = Tensor(uninitialized: form.result, dtype: dtype)
        x.read { x in
            kernel.read { kernel in
                offset.readIfPresent { offset in
                    withUnsafePointer(to: form) {
                        kernels.convolution.forward($0, x, kernel, offset, y.storage.pointer)
                    }
                }
            }
        }
        let constant = (x.detached, kernel.detached)
        let inputs = [x, kernel] + (offset.map { [$0] } ?? [])
        return y.recorded(name, from: inputs) { dy, wanted in
            let (x, kernel) = constant
            let dy = dy.contiguous()
            let dx = wanted[0] ? Tensor(uninitialized: x.shape, dtype: x.dtype) : nil
            let dKernel = wanted[1] ? Tensor(uninitialized: kernel.shape, dtype: x.dtype) : nil
            let backward = x.kernels.convolution
            x.read { x in
                kernel.read { kernel in
                    dy.read { dy in
                        withUnsafePointer(to: form) { form in
                            dx?.write { backward.backward_input(form, kernel, dy, $0) }
                            dKernel?.write { backward.backward_weight(form, x, dy, $0) }
                        }
                    }
                }
            }
            if wanted.count == 2 { return [dx, dKernel] }
            let planes = [dy.shape[0], dy.shape[1], dy.shape[2] * dy.shape[3]]
            return [dx, dKernel, wanted[2] ? dy.reshaped(planes).sum(axes: [0, 2]) : nil]
        }
    }
}
