import MartletTensor

/// Sentences of words that follow each other at random, so that only the characters of a word belong together.
enum ChineseCorpus {
    static let words = [
        "我", "你", "很", "都", "不", "看", "了", "的", "也", "在", "喜欢", "讨厌", "推荐", "怀念", "电影", "演员",
        "音乐", "故事", "导演", "观众", "妈妈", "朋友", "非常", "大家", "晚上", "城市", "画面", "剧情", "无聊", "精彩",
        "这本书", "巧克力", "不可思议",
    ]

    static func sentence(_ random: inout RandomGenerator) -> String {
        (0..<4 + random.next() % 4).map { _ in words[Int(random.next() % UInt64(words.count))] }
            .joined()
    }

    static func sentences(_ count: Int, seed: UInt64) -> [String] {
        var random = RandomGenerator(seed: seed)
        return (0..<count).map { _ in sentence(&random) + "。" }
    }
}
