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
    /// Whether only what is touched takes room.
    private let isSparse: Bool

    /// New memory, not initialised.
    ///
    /// - Parameter isSparse: whether only what is touched is to take room, page by page: for what may never be filled.
    init(byteCount: Int, isSparse: Bool = false) {
        self.pointer =
            isSparse ? mk_allocate_sparse(max(byteCount, 1)) : mk_allocate(max(byteCount, 1))
        self.byteCount = byteCount
        self.owner = nil
        self.isSparse = isSparse
    }

    /// Read-only memory that `owner` keeps alive.
    init(foreign pointer: UnsafeRawPointer, byteCount: Int, owner: any AnyObject & Sendable) {
        self.pointer = UnsafeMutableRawPointer(mutating: pointer)
        self.byteCount = byteCount
        self.owner = owner
        self.isSparse = false
    }

    deinit {
        guard owner == nil else { return }
        if isSparse {
            mk_free_sparse(pointer, max(byteCount, 1))
        } else {
            mk_free(pointer, max(byteCount, 1))
        }
    }
}
