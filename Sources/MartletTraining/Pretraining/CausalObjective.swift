import MartletModels
import MartletTensor
import MartletText

/// Each token from those before it.
struct CausalObjective<Network: CausalLanguageModel & HuggingFaceModel>: PretrainingObjective {
    let configuration: Network.Configuration
    let context: Int
    let tokenizer: RunningTokenizer

    var window: (length: Int, overlap: Int) { (context + 1, 1) }
    var guess: String { "the next token" }

    func network(using random: inout RandomGenerator) -> Network {
        Network(configuration, using: &random)
    }

    /// What is read, and what comes next.
    private func parts(_ windows: [[Int32]]) -> (tokens: Tensor, next: Tensor) {
        (
            Tensor(rows: windows.map { Array($0.dropLast()) }),
            Tensor(rows: windows.map { Array($0.dropFirst()) })
        )
    }

    func loss(
        _ model: Network, _ windows: [[Int32]], choices: inout RandomGenerator,
        dropout: inout RandomGenerator?
    ) -> (loss: Tensor, guesses: Int) {
        let (tokens, next) = parts(windows)
        return (model.loss(tokens, next: next, dropout: &dropout), next.count)
    }

    func judge(
        _ model: Network, _ windows: [[Int32]], choices: inout RandomGenerator,
        _ sums: inout GuessSums
    ) {
        let (tokens, next) = parts(windows)
        let scores = model(tokens)
        sums.add(
            scores: scores.reshaped([-1, scores.shape[2]]), labels: next.reshaped([next.count]))
    }

    func sample(
        _ model: Network, on windows: [[Int32]], length: Int, using random: inout RandomGenerator
    ) throws -> String {
        var writer = CausalWriter(tokenizer: tokenizer, model: model)
        var text = ""
        for _ in 0..<length {
            guard let piece = try writer.next(Sampler(temperature: 0.8), using: &random) else {
                break
            }
            text += piece
        }
        return text
    }
}
