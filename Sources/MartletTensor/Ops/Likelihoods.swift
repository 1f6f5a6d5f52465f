import CMartletKernels

extension Tensor {
    /// −log of the normal density of each element, for a mean and a standard deviation of its shape.
    ///
    /// Observations do not get a gradient, the parameters do. Where an observation is NaN it is missing: its loss is 0, and
    /// so are its gradients; the same holds for ``studentTLoss(location:scale:degrees:)``,
    /// ``negativeBinomialLoss(mean:dispersion:)`` and ``pinballLoss(quantiles:levels:)``.
    ///
    /// - Parameter deviation: above 0.
    public func gaussianLoss(mean: Tensor, deviation: Tensor) -> Tensor {
        negativeLogLikelihood("gaussianLoss", MK_GAUSSIAN, [mean, deviation])
    }

    /// −log of Student's t density of each element, for a location, a scale and degrees of freedom of its shape.
    ///
    /// - Parameters:
    ///   - scale: above 0.
    ///   - degrees: above 0; the larger, the closer to the normal distribution.
    public func studentTLoss(location: Tensor, scale: Tensor, degrees: Tensor) -> Tensor {
        negativeLogLikelihood("studentTLoss", MK_STUDENT_T, [location, scale, degrees])
    }

    /// −log of the negative binomial probability of each element, a count, for a mean m and a dispersion d of its shape:
    /// the variance is m + d m².
    ///
    /// - Parameters:
    ///   - mean: above 0.
    ///   - dispersion: above 0; towards 0 it becomes the Poisson distribution.
    public func negativeBinomialLoss(mean: Tensor, dispersion: Tensor) -> Tensor {
        negativeLogLikelihood("negativeBinomialLoss", MK_NEGATIVE_BINOMIAL, [mean, dispersion])
    }

    private func negativeLogLikelihood(
        _ name: StaticString, _ kind: mk_distribution, _ parameters: [Tensor]
    ) -> Tensor {
        precondition(
            parameters.allSatisfy { $0.shape == shape && $0.dtype == dtype },
            "\(name): observations \(dtype) \(shape) with parameters \(parameters.map(\.shape))")
        let y = detached.contiguous()
        let inputs = parameters.map { $0.contiguous() }
        let losses = Tensor(uninitialized: shape, dtype: dtype)
        let isTaped = Tape.current != nil
        let slopes = parameters.map {
            isTaped && !$0.trace.isNone ? Tensor(uninitialized: shape, dtype: dtype) : nil
        }
        let third = inputs.count > 2 ? inputs[2] : nil
        y.read { y in
            inputs[0].read { a in
                inputs[1].read { b in
                    third.readIfPresent { c in
                        withExtendedLifetime((losses.storage, slopes)) {
                            kernels.likelihood.negative_log(
                                kind, y, a, b, c, losses.storage.pointer,
                                slopes[0]?.storage.pointer, slopes[1]?.storage.pointer,
                                slopes.count > 2 ? slopes[2]?.storage.pointer : nil, count)
                        }
                    }
                }
            }
        }
        return losses.recorded(name, from: parameters) { dy, wanted in
            zip(slopes, wanted).map { slope, isWanted in isWanted ? slope! * dy : nil }
        }
    }

    /// The quantile loss of each element y (Koenker & Bassett 1978), summed over the levels:
    /// `Σ max(level · (y − q), (level − 1) · (y − q))`.
    ///
    /// - Parameters:
    ///   - quantiles: q, of the observations' shape with one more dimension, innermost: one for each level.
    ///   - levels: each between 0 and 1.
    public func pinballLoss(quantiles: Tensor, levels: [Double]) -> Tensor {
        precondition(
            quantiles.shape == Shape(Array(shape) + [levels.count]) && quantiles.dtype == dtype,
            "pinballLoss: observations \(dtype) \(shape), quantiles \(quantiles.dtype) \(quantiles.shape), \(levels.count) levels"
        )
        let (y, q) = (detached.contiguous(), quantiles.contiguous())
        let losses = Tensor(uninitialized: shape, dtype: dtype)
        let slope =
            Tape.current != nil && !quantiles.trace.isNone
            ? Tensor(uninitialized: q.shape, dtype: dtype) : nil
        y.read { y in
            q.read { q in
                withExtendedLifetime((losses.storage, slope)) {
                    kernels.likelihood.pinball(
                        y, q, levels, losses.storage.pointer, slope?.storage.pointer, count,
                        levels.count)
                }
            }
        }
        return losses.recorded("pinballLoss", from: quantiles) { dy in
            slope! * dy.expandingDimension(at: dy.rank)
        }
    }
}
