public import MartletNN
public import MartletTensor

extension RecurrentSequenceToSequence {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `recurrent-sequence-to-sequence`.
        public static let architecture = "recurrent-sequence-to-sequence"

        /// The cell of both sides: `lstm`, `gru`, `rnn_tanh`, `rnn_relu`.
        public var cell: CellKind
        /// How the decoder looks at what was read; nil: it only begins with the encoder's last state.
        public var attention: DecoderAttentionKind?
        /// Whether what was made of a context and a state is read with the next token (Luong et al. 2015); nil: no. Only of
        /// `luong`.
        public var inputFeeding: Bool?
        /// Whether attention knows how much it looked at each state before (See et al. 2017); nil: no. Only of `bahdanau`.
        public var coverage: Bool?
        /// Whether what was read may be copied (See et al. 2017); nil: no. Both sides have the same tokens then.
        public var copying: Bool?
        /// The number of tokens that are read.
        public var sourceVocabularySize: Int
        /// The number of tokens V that are written.
        public var vocabularySize: Int
        /// The width D of a token's vector, on both sides.
        public var embeddingSize: Int
        /// The number of units H of each layer; of an encoder that reads both ways, of each direction.
        public var hiddenSize: Int
        /// The width A in which additive attention compares states.
        public var attentionSize: Int
        /// How many recurrent layers the encoder and the decoder have.
        public var encoderLayers, decoderLayers: Int
        /// Whether the encoder also reads from the end.
        public var isBidirectional: Bool
        /// Whether scores are products with the vectors of the tokens that are written.
        public var isTied: Bool
        /// The probability of dropping an element of the vectors, between layers, and of the outputs.
        public var dropout: Double
        /// The token that a sequence to be written begins after, and the one that ends it; nil: whoever runs it knows.
        public var beginning, ending: Int?
        /// With ``copying``, the token that is read in place of one that the vocabulary does not have; nil: it has all.
        public var unknown: Int?
        /// How the matrices are kept, if in fewer bits: `int8`.
        public var quantization: QuantizedType?

        /// A configuration of the given sizes.
        public init(
            cell: CellKind, attention: DecoderAttentionKind?, sourceVocabularySize: Int,
            vocabularySize: Int, embeddingSize: Int, hiddenSize: Int, attentionSize: Int? = nil,
            encoderLayers: Int = 1, decoderLayers: Int = 1, isBidirectional: Bool = true,
            isTied: Bool = false, dropout: Double = 0, beginning: Int? = nil, ending: Int? = nil
        ) {
            self.cell = cell
            self.attention = attention
            self.sourceVocabularySize = sourceVocabularySize
            self.vocabularySize = vocabularySize
            self.embeddingSize = embeddingSize
            self.hiddenSize = hiddenSize
            self.attentionSize = attentionSize ?? hiddenSize
            self.encoderLayers = encoderLayers
            self.decoderLayers = decoderLayers
            self.isBidirectional = isBidirectional
            self.isTied = isTied
            self.dropout = dropout
            self.beginning = beginning
            self.ending = ending
        }

        enum CodingKeys: String, CodingKey {
            case cell, attention, coverage, copying, dropout, quantization
            case inputFeeding = "input_feeding"
            case sourceVocabularySize = "source_vocab_size"
            case vocabularySize = "vocab_size"
            case embeddingSize = "embedding_size"
            case hiddenSize = "hidden_size"
            case attentionSize = "attention_size"
            case encoderLayers = "num_encoder_layers"
            case decoderLayers = "num_decoder_layers"
            case isBidirectional = "bidirectional"
            case isTied = "tie_word_embeddings"
            case beginning = "decoder_start_token_id"
            case ending = "eos_token_id"
            case unknown = "unk_token_id"
        }

        /// How the decoder looks, in a word.
        private var attentionName: String { attention?.rawValue ?? "none" }
        /// The width E of the encoder's states.
        var stateSize: Int { hiddenSize * (isBidirectional ? 2 : 1) }
        /// Whether what was made of a context and a state is read with the next token.
        var feedsInput: Bool { inputFeeding == true }
        /// Whether attention knows how much it looked at each state before.
        var covers: Bool { coverage == true }
        /// Whether what was read may be copied.
        var copies: Bool { copying == true }
        /// The width of what the decoder reads beside a token's vector.
        var besideSize: Int {
            attention == .bahdanau ? stateSize : feedsInput ? featureSize : 0
        }
        /// The width of what scores are products of.
        var featureSize: Int { isTied ? embeddingSize : hiddenSize }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            let sizes = Self.problem(
                sizes: [
                    "source_vocab_size": sourceVocabularySize, "vocab_size": vocabularySize,
                    "embedding_size": embeddingSize, "hidden_size": hiddenSize,
                    "attention_size": attentionSize,
                ])
            if let problem = sizes ?? Self.problem(probabilities: ["dropout": dropout]) {
                return problem
            }
            let layers = [
                ("num_encoder_layers", encoderLayers), ("num_decoder_layers", decoderLayers),
            ]
            for (key, value) in layers where !(1...1024).contains(value) {
                return "\(key) is \(value): expected 1 … 1024"
            }
            let tokens = [
                ("decoder_start_token_id", beginning), ("eos_token_id", ending),
                ("unk_token_id", unknown),
            ]
            for (key, token) in tokens {
                guard let token, !(0..<vocabularySize).contains(token) else { continue }
                return "\(key) is \(token): expected 0 … \(vocabularySize - 1)"
            }
            if feedsInput, attention != .luong {
                return "input_feeding is true: expected false with the attention \(attentionName)"
            }
            if covers, attention != .bahdanau {
                return "coverage is true: expected false with the attention \(attentionName)"
            }
            if let quantization, quantization != .int8 {
                return "quantization is \(quantization.rawValue): expected int8"
            }
            if copies, attention == nil {
                return "copying is true: expected an attention, whose weights say what is copied"
            }
            if copies, sourceVocabularySize != vocabularySize {
                return
                    "copying is true, but source_vocab_size is \(sourceVocabularySize) and vocab_size \(vocabularySize): expected the same tokens"
            }
            return nil
        }
    }
}
