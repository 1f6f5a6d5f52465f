import MartletTraining

// A folder with pos.txt and neg.txt, or a CSV, TSV or JSONL file with the columns text and label.
let data = CommandLine.arguments.dropFirst().first ?? "reviews.csv"
let run = "runs/sentiment"

var options = SentimentOptions()
options.cell = .lstm
options.hidden = 64
options.epochs = 20
options.patience = 20
options.batch = 16
options.learningRate = 3e-3
options.averaging = 0.95

let recipe = SentimentRecipe(
    options: options, data: data, folder: run, existing: .replace, version: "example")
let record = try recipe.run(report: { event in
    guard case .training(.epoch(let figures, isBest: _)) = event else { return }
    print("epoch \(figures.epoch): validation accuracy \(figures.validationAccuracy)")
})
print("test accuracy: \(record.test?.accuracy ?? 0)")

// Whatever a run folder holds can be loaded again, here or by `martlet predict`.
let classifier = try TextClassifier(contentsOf: run)
for text in ["我喜欢这部电影", "房间很脏，再也不来了"] {
    let answer = classifier.predict(text)
    print(text, answer.label, answer.probability)
}
