import MartletModels
import MartletTensor

extension PretrainingOptions {
    /// The configuration of a GPT-2.
    func gpt2(vocabulary: Int) -> GPT2.Configuration {
        var result = GPT2.Configuration(
            vocabularySize: vocabulary, positions: context, width: width, layers: layers,
            heads: heads, dropout: dropout)
        result.innerWidth = innerWidth
        return result
    }

    /// The configuration of a Llama, or of one of its kin.
    func llama(vocabulary: Int) -> Llama.Configuration {
        var result = Llama.Configuration(
            family: decoder == .qwen2 ? .qwen2 : .llama, vocabularySize: vocabulary,
            positions: context, width: width,
            // Three matrices with as many numbers as the two of an mlp of 4 D, in eights.
            innerWidth: innerWidth ?? (8 * width / 3 + 7) / 8 * 8, layers: layers, heads: heads,
            keyHeads: keyHeads)
        result.attentionDropout = dropout
        return result
    }

    /// The configuration of a BERT that fills in masked tokens.
    func bert(vocabulary: Int) -> BERT.Configuration {
        BERT.Configuration(
            head: .maskedLanguageModel, vocabularySize: vocabulary, positions: context,
            width: width, innerWidth: innerWidth ?? 4 * width, layers: layers, heads: heads,
            dropout: dropout)
    }

    /// The configuration of a T5, version 1.1.
    func t5(vocabulary: Int) -> T5.Configuration {
        var result = T5.Configuration(
            vocabularySize: vocabulary, width: width, headWidth: width / heads,
            innerWidth: innerWidth ?? (8 * width / 3 + 7) / 8 * 8, layers: layers, heads: heads,
            dropout: dropout)
        // As the tokenizer that is learned has them.
        (result.padding, result.beginning) = (2, 2)
        return result
    }

    /// How long the training is.
    func trainingPlan<M, Rule>(of type: Trainer<M, Rule>.Type) -> Trainer<M, Rule>.Plan {
        let total = rounds * roundLength
        var plan = Trainer<M, Rule>.Plan(
            epochs: rounds, stepsPerEpoch: roundLength,
            schedule: Schedule(
                .cosine, warmUpSteps: min(warmUp, total / 10), totalSteps: total,
                finalFactor: finalShare), learningRate: learningRate, gradientNorm: clip,
            averaging: averaging > 0 ? averaging : nil, patience: patience, seed: seed,
            judgedBy: .loss)
        plan.accumulation = accumulation
        plan.precision = precision ?? .float32
        return plan
    }
}
