import ArgumentParser

/// `martlet tokenizer`: texts to numbers and back.
struct TokenizerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Train a tokenizer, use it, look inside, compare.",
        discussion: """
            A tokenizer is a file (tokenizer.json of Hugging Face, tokenizer.model of SentencePiece, a .tiktoken file, \
            vocab.txt, vocab.json beside merges.txt) or the folder of a model that has one.
            """,
        subcommands: [
            TokenizerTrain.self, TokenizerEncode.self, TokenizerDecode.self, TokenizerInspect.self,
            TokenizerCompare.self, TokenizerConvert.self,
        ])
}
