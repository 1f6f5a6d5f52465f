import CMartletKernels

/// The memory behind tensors: written once by the operation that makes it, then shared.
///
/// It is either our own (from the caching allocator) or somebody else's, such as a mapped file, whose
/// owner it keeps alive. In-place changes happen only through ``Tensor/mutateBytes(_:)``, which first
/// makes sure that nobody else holds it.
final class Storage: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    /// What owns foreign memory; nil for our own.
    let owner: (any AnyObject & Sendable)?

    /// New memory, not initialised.
    init(byteCount: Int) {
        self.pointer = mk_allocate(max(byteCount, 1))
        self.byteCount = byteCount
        self.owner = nil
    }

    /// Read-only memory that `owner` keeps alive.
    init(foreign pointer: UnsafeRawPointer, byteCount: Int, owner: any AnyObject & Sendable) {
        self.pointer = UnsafeMutableRawPointer(mutating: pointer)
        self.byteCount = byteCount
        self.owner = owner
    }

    deinit {
        if owner == nil { mk_free(pointer, max(byteCount, 1)) }
    }
}
