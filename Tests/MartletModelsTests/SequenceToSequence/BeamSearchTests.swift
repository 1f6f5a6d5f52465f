import MartletModels
import MartletNN
import MartletTensor
import Testing

/// Beam search over a made-up model, beside all that can be written and beside its plain definition.
@Suite struct BeamSearchTests {
    private static let everyPenalty: [LengthPenalty] = [
        .none, .length(), .length(exponent: 0.4), .length(exponent: -0.5), .wu(), .wu(alpha: 1.5),
    ]
    private static let sources: [[Int32]] = [
        [7], [1, 2, 3, 4, 5], [9, 9], [4, 3, 2], [50, 60, 70],
    ]

    /// Begins with 1, ends with 0.
    private func search(width: Int, hypotheses: Int = 1, limit: Int = 6) -> BeamSearch {
        var search = BeamSearch(beginning: 1, end: 0)
        search.width = width
        search.hypotheses = hypotheses
        search.maximumLength = limit
        return search
    }

    private func expectSame(
        _ found: [BeamHypothesis], _ expected: [BeamHypothesis], _ comment: String = "",
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(
            found.map(\.tokens) == expected.map(\.tokens), "\(comment)", sourceLocation: location)
        for (a, b) in zip(found, expected) {
            #expect(
                abs(a.logProbability - b.logProbability) < 1e-9 && abs(a.score - b.score) < 1e-9
                    && a.isComplete == b.isComplete && a.attention == b.attention, "\(comment)",
                sourceLocation: location)
        }
    }

    // MARK: Beside all that can be written

    /// Every hypothesis of at most `limit` tokens, the best first.
    private func everything(
        _ model: MadeUpWriter, _ source: [Int32], _ search: BeamSearch
    ) -> [BeamHypothesis] {
        var found: [BeamHypothesis] = []
        func add(_ tokens: [Int32], _ logProbability: Double, _ attention: [[Float]]) {
            let written = [search.beginning] + tokens
            let logarithms = model.logarithms(source, written)
            let whole = logProbability + logarithms[Int(search.end)]
            found.append(
                BeamHypothesis(
                    tokens: tokens, logProbability: whole,
                    score: whole / search.lengthPenalty.divisor(length: tokens.count + 1),
                    isComplete: true, attention: attention))
            guard tokens.count < search.maximumLength else { return }
            for token in 1..<model.vocabularySize {
                add(
                    tokens + [Int32(token)], logProbability + logarithms[token],
                    attention + [model.attention(source, written)])
            }
        }
        add([], 0, [])
        return found.sorted { $0.score > $1.score }
    }

    @Test(arguments: everyPenalty)
    func aWideBeamFindsAllThereIs(penalty: LengthPenalty) throws {
        for seed in 0..<5 as Range<UInt64> {
            let model = MadeUpWriter(.init(seed: seed))
            // 40 hypotheses of at most 3 tokens; 4 of each of 27 beginnings are compared at the last step.
            for width in [108, 200] {
                var search = search(width: width, hypotheses: 40, limit: 3)
                search.lengthPenalty = penalty
                let found = try search(model, reading: Self.sources)
                for (source, found) in zip(Self.sources, found) {
                    let all = everything(model, source, search)
                    #expect(all.count == 40)
                    expectSame(found, all)
                }
                search.hypotheses = 1
                let best = try search(model, reading: Self.sources)
                for (source, best) in zip(Self.sources, best) {
                    expectSame(best, [everything(model, source, search)[0]])
                }
            }
        }
    }

    // MARK: Side by side

    /// Whoever is beside whom and begins where, and on which thread, the result is that of each source alone.
    @Test(arguments: [1, 2, 4])
    func sourcesChangePlaces(width: Int) throws {
        var sources: [[Int32]] = []
        for first in 2..<22 as Range<Int32> {
            sources.append((0..<first % 5 + 1).map { first + 3 * $0 })
        }
        for seed in 0..<3 as Range<UInt64> {
            for canReplace in [true, false] {
                let model = MadeUpWriter(
                    .init(vocabularySize: 9, seed: seed, canReplace: canReplace))
                var search = search(width: width, hypotheses: width, limit: 20)
                search.lengthPenalty = .length()
                search.minimumLength = 2
                search.blockedNGram = 4
                for stopping in [BeamSearch.Stopping.whenCertain, .whenFull] {
                    search.stopping = stopping
                    let plain = PlainBeamSearch(search: search, model: model)
                    let alone = sources.map { plain($0, limit: 20) }
                    #expect(Set(alone.joined().map(\.tokens.count)).count > 5)
                    for size in [1, 3, 4, 7, 40] {
                        for lanes in [1, 2, 3, 20] {
                            let found = try search.search(
                                model, reading: sources, batchSize: size, lanes: lanes)
                            for (a, b) in zip(found, alone) {
                                expectSame(a, b, "\(seed) \(stopping) \(size) \(lanes)")
                            }
                        }
                    }
                }
            }
        }
    }

    /// Long sources are read a few at a time, and the others are not kept waiting in few rows.
    @Test func longSourcesAreReadByThemselves() throws {
        let long = [Int32](repeating: 3, count: 9_000)
        let sources = [[5, 6], long, [7], long + [4], [8, 9, 10], [11, 12]]
        let model = MadeUpWriter(.init(vocabularySize: 6, seed: 5))
        let search = search(width: 3, hypotheses: 2)
        let plain = PlainBeamSearch(search: search, model: model)
        let found = try search(model, reading: sources)
        for (source, found) in zip(sources, found) { expectSame(found, plain(source, limit: 6)) }
    }

    // MARK: Beside the definition

    @Test(arguments: 1...6)
    func equalsTheDefinition(width: Int) throws {
        for seed in 0..<4 as Range<UInt64> {
            for vocabulary in [2, 3, 7] {
                // Rounded scores are equal now and then: the order of equal ones counts.
                for grain in [0, 0.5] {
                    let model = MadeUpWriter(
                        .init(vocabularySize: vocabulary, grain: grain, seed: seed))
                    for penalty in Self.everyPenalty {
                        for stopping in [BeamSearch.Stopping.whenCertain, .whenFull] {
                            var search = search(width: width, hypotheses: (width + 1) / 2)
                            search.lengthPenalty = penalty
                            search.stopping = stopping
                            let plain = PlainBeamSearch(search: search, model: model)
                            let found = try search(model, reading: Self.sources)
                            for (source, found) in zip(Self.sources, found) {
                                expectSame(
                                    found, plain(source, limit: 6),
                                    "\(seed) \(vocabulary) \(grain) \(penalty) \(stopping)")
                            }
                        }
                    }
                }
            }
        }
    }

    /// Limits, what is forbidden and what is forced, together and one by one.
    @Test(arguments: 1...5)
    func constraintsEqualTheDefinition(width: Int) throws {
        for seed in 0..<3 as Range<UInt64> {
            let model = MadeUpWriter(.init(vocabularySize: 5, seed: seed))
            for choice in 0..<16 {
                var search = search(width: width, hypotheses: width, limit: 7)
                search.lengthPenalty = .length()
                if choice & 1 != 0 { search.minimumLength = 3 }
                if choice & 2 != 0 { search.blockedNGram = 1 + choice % 3 }
                if choice & 4 != 0 { search.suppressed = [2, 4] }
                let prefixes: [[Int32]]? = choice & 8 != 0 ? [[], [3], [2, 2, 2], [], [4]] : nil
                let plain = PlainBeamSearch(search: search, model: model)
                let found = try search(model, reading: Self.sources, prefixes: prefixes)
                for (index, source) in Self.sources.enumerated() {
                    let prefix = prefixes?[index] ?? []
                    expectSame(
                        found[index], plain(source, prefix: prefix, limit: 7),
                        "\(seed) \(choice) \(index)")
                    for hypothesis in found[index] {
                        #expect(hypothesis.tokens.starts(with: prefix))
                        #expect(hypothesis.tokens.count <= 7)
                        #expect(
                            !hypothesis.isComplete
                                || hypothesis.tokens.count >= search.minimumLength)
                    }
                }
            }
        }
    }

    @Test func aWidthOfOneIsGreedy() throws {
        for seed in 0..<10 as Range<UInt64> {
            let model = MadeUpWriter(.init(vocabularySize: 6, seed: seed))
            var search = search(width: 1, limit: 9)
            search.lengthPenalty = .length()
            let found = try search(model, reading: Self.sources)
            for (source, found) in zip(Self.sources, found) {
                var tokens: [Int32] = []
                var ends = false
                for _ in 0...9 where !ends {
                    let scores = model.scores(source, [1] + tokens)
                    let next = Int32(scores.firstIndex(of: scores.max()!)!)
                    ends = next == 0
                    if !ends, tokens.count < 9 { tokens.append(next) }
                }
                #expect(found[0].tokens == tokens && found[0].isComplete == ends)
            }
        }
    }

    // MARK: Batches

    @Test func aBatchIsLikeOneByOne() throws {
        var random = RandomGenerator(seed: 3)
        let sources = (0..<40).map { index in
            random.uniform([1 + index % 7], in: 0...99).scalars(as: Float.self).map { Int32($0) }
        }
        let model = MadeUpWriter(.init(vocabularySize: 9, deviation: 2.5))
        var search = search(width: 3, hypotheses: 3, limit: 30)
        search.lengthPenalty = .wu()
        let together = try search(model, reading: sources, batchSize: 100)
        #expect(Set(together.map { $0[0].tokens.count }).count > 3)
        #expect(try search(model, reading: sources, batchSize: 7) == together)
        for (source, found) in zip(sources, together) {
            #expect(try search(model, reading: [source])[0] == found)
        }
        #expect(try search(model, reading: []).isEmpty)
    }

    // MARK: Lengths and results

    @Test func lengthsAreLimited() throws {
        let model = MadeUpWriter(.init(vocabularySize: 5, seed: 2))
        var search = search(width: 2, limit: 50)
        search.minimumLength = 50
        #expect(try search(model, reading: [[1, 2, 3]])[0][0].tokens.count == 50)
        search.minimumLength = 0
        search.suppressed = [0]  // never ends
        search.lengthRatio = 1.5
        search.lengthAllowance = 2
        let found = try search(model, reading: Self.sources)
        #expect(found.map { $0[0].tokens.count } == [4, 10, 5, 7, 7])
        #expect(found.allSatisfy { !$0[0].isComplete })
        search.lengthRatio = nil
        let short = MadeUpWriter(.init(vocabularySize: 5, seed: 2, contextLength: 8))
        #expect(try search(short, reading: [[1]])[0][0].tokens.count == 7)
    }

    @Test func whatEndsComesBeforeWhatWasCut() throws {
        var cut = 0
        for seed in 0..<20 as Range<UInt64> {
            let model = MadeUpWriter(.init(vocabularySize: 6, deviation: 1, seed: seed))
            let found = try search(width: 4, hypotheses: 4, limit: 2)(model, reading: Self.sources)
            for found in found {
                let complete = found.prefix(while: \.isComplete)
                #expect(found.dropFirst(complete.count).allSatisfy { !$0.isComplete })
                for part in [Array(complete), Array(found.dropFirst(complete.count))] {
                    #expect(zip(part, part.dropFirst()).allSatisfy { $0.score >= $1.score })
                }
                #expect(Set(found.map { "\($0.tokens) \($0.isComplete)" }).count == found.count)
                cut += found.count - complete.count
            }
        }
        #expect(cut > 0)
    }

    @Test func equallyLikelyTokensComeInTheirOrder() throws {
        let model = MadeUpWriter(.init(vocabularySize: 6, deviation: 0))
        let found = try search(width: 3, hypotheses: 3, limit: 2)(model, reading: [[1]])[0]
        // The end is token 0, so it is always among the first.
        #expect(found.map(\.tokens) == [[], [1], [2]])
        var others = search(width: 2, hypotheses: 2, limit: 2)
        others.suppressed = [0]
        #expect(try others(model, reading: [[1]])[0].map(\.tokens) == [[1, 1], [2, 1]])
    }

    @Test func whatLengthsCost() {
        #expect(LengthPenalty.none.divisor(length: 9) == 1)
        #expect(LengthPenalty.length().divisor(length: 9) == 9)
        #expect(LengthPenalty.length(exponent: 0.5).divisor(length: 9) == 3)
        #expect(LengthPenalty.wu(alpha: 1).divisor(length: 7) == 2)
        #expect(abs(LengthPenalty.wu().divisor(length: 19) - 2.29739670999407) < 1e-12)
    }

    @Test func attentionIsKeptOnlyIfWanted() throws {
        var search = search(width: 2)
        let model = MadeUpWriter(.init(seed: 4))
        let told = try search(model, reading: [[1, 2, 3]])[0][0]
        #expect(told.attention?.count == told.tokens.count)
        search.keepsAttention = false
        var untold = told
        untold.attention = nil
        #expect(try search(model, reading: [[1, 2, 3]])[0][0] == untold)
    }

    // MARK: What is refused

    @Test func optionsThatMakeNoSense() {
        var problems: [String?] = []
        func with(_ change: (inout BeamSearch) -> Void) {
            var search = BeamSearch(beginning: 1, end: 0)
            change(&search)
            problems.append(search.problem)
        }
        with { $0.width = 0 }
        with { $0.hypotheses = 5 }
        with { $0.hypotheses = 0 }
        with { $0.maximumLength = 0 }
        with { $0.lengthAllowance = -1 }
        with { $0.lengthRatio = 0 }
        with { $0.lengthRatio = .nan }
        with { $0.minimumLength = -1 }
        with { $0.minimumLength = 257 }
        with { $0.blockedNGram = 0 }
        #expect(problems.allSatisfy { $0 != nil }, "\(problems)")
        #expect(BeamSearch(beginning: 1, end: 0).problem == nil)
    }

    @Test func wrongInputs() {
        let model = MadeUpWriter(.init(contextLength: 4))
        func refuses(
            _ part: String, _ sources: [[Int32]], _ prefixes: [[Int32]]? = nil,
            _ change: (inout BeamSearch) -> Void = { _ in }
        ) {
            var search = search(width: 2)
            change(&search)
            do {
                _ = try search(model, reading: sources, prefixes: prefixes)
                Issue.record("not refused: \(part)")
            } catch {
                #expect("\(error)".contains(part), "\(error)")
            }
        }
        refuses("source 2 has no tokens", [[1], []])
        refuses("source 1 has 5 tokens: this model reads at most 4", [[1, 2, 3, 4, 5]])
        refuses("source 1: token 100 is not one of 0 … 99", [[100]])
        refuses("source 1: token -1", [[-1]])
        refuses("the end: token 4 is not one of 0 … 3", [[1]]) { $0.end = 4 }
        refuses("the beginning: token 9", [[1]]) { $0.beginning = 9 }
        refuses("what is never written: token 7", [[1]]) { $0.suppressed = [7] }
        refuses("1 prefixes for 2 sources", [[1], [2]], [[1]])
        refuses("the prefix of source 1: token 4", [[1]], [[4]])
        refuses("expected at most 3, without the end (0)", [[1]], [[1, 1, 1, 1]])
        refuses("without the end (0)", [[1]], [[1, 0]])
        refuses("2 hypotheses of a beam of 1", [[1]]) { ($0.width, $0.hypotheses) = (1, 2) }
        let broken = MadeUpWriter(.init(deviation: .nan))
        #expect(throws: ModelError.self) { try search(width: 2)(broken, reading: [[1]]) }
    }
}
