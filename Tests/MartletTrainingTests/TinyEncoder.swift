import MartletModels
import MartletStore
import MartletTensor
import MartletText
import MartletTraining

/// Writes a folder with a tiny BERT that has not learned anything, and the WordPiece tokenizer of a text.
func writeTinyEncoder(
    to folder: String, text: String, pieces: Int, minimumFrequency: Int = 2, positions: Int,
    dropout: Double
) throws {
    var trainer = WordPieceTrainer(size: pieces)
    trainer.minimumFrequency = minimumFrequency
    trainer.specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    let normalizer = TokenizerRecipe.Normalization.bert.normalizer
    let words = try CorpusCounter().count(
        text: text, split: TokenizerPipeline.Family.bert.splitter(normalizer: normalizer))
    let tokenizer = try TokenizerPipeline(
        wordPieces: try trainer.train(on: words), by: trainer, normalizer: normalizer)
    var random = RandomGenerator(seed: 5)
    let model = BERT(
        .init(
            head: .maskedLanguageModel, vocabularySize: tokenizer.idLimit, positions: positions,
            width: 16, innerWidth: 32, layers: 1, heads: 2, dropout: dropout), using: &random)
    try CheckpointFolder.write(
        to: folder,
        files: try ModelFolder.files(of: model) + [("tokenizer.json", .bytes(tokenizer.json()))])
}
