/// A parsed regular expression.
indirect enum ExpressionNode {
    case empty
    case set(ScalarSet)
    case sequence([ExpressionNode])
    case alternatives([ExpressionNode])
    case repetition(ExpressionNode, minimum: Int, maximum: Int?, isLazy: Bool)
    case assertion(ExpressionAssertion)
}

/// A condition on a place in the text, which takes nothing of it.
indirect enum ExpressionAssertion: Sendable {
    case textStart
    case textEnd
    /// The end, or before a line feed that is the last.
    case lastLineEnd
    case lineStart
    case lineEnd
    case wordBoundary(isNegated: Bool)
    /// What comes next is one of these sets, or a condition holds.
    case ahead([ScalarSet], [ExpressionAssertion], isNegated: Bool)
    /// What came last is one of these sets, or a condition holds.
    case behind([ScalarSet], [ExpressionAssertion], isNegated: Bool)
}
