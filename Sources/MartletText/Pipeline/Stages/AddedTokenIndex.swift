/// The added tokens by their numbers.
struct AddedTokenIndex: Sendable {
    /// By rising number.
    let tokens: [AddedToken]

    init(_ tokens: [AddedToken], model: TokenModel) throws {
        self.tokens = tokens.sorted { $0.id < $1.id }
    }
}
