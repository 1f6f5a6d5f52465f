import CMartletKernels

extension Tensor {
    /// The same elements, one after another, row-major; itself if they are already.
    public func contiguous() -> Tensor {
        guard let strides = viewStrides else { return self }
        let result = Tensor(uninitialized: shape, dtype: dtype)
        readView { source in
            result.write { target in
                shape.withSizes { sizes in
                    strides.withSizes { sourceStrides in
                        shape.contiguousStrides.withSizes { targetStrides in
                            mk_copy_strided(
                                Int32(dtype.byteCount), Int32(rank), sizes, source, sourceStrides,
                                target, targetStrides)
                        }
                    }
                }
            }
        }
        return result.recorded("contiguous", from: self) { $0 }
    }

    /// The elements converted to another type: to nearest, halves to even; towards zero on the way to an integer.
    public func cast(to target: DType) -> Tensor {
        if dtype == target { return self }
        let source = contiguous()
        let result = Tensor(uninitialized: shape, dtype: target)
        source.read { x in result.write { y in mk_cast(dtype.code, x, target.code, y, count) } }
        let original = dtype
        guard dtype.isFloatingPoint && target.isFloatingPoint else { return result }
        return result.recorded("cast", from: source) { $0.cast(to: original) }
    }
}
