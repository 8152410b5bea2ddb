// What travels: a record as an API sends it (0.7 KB of JSON), a page of twelve of them, a table of small ones, text that is not Latin.
const person = {
  id: 90_210,
  uuid: "6f1c1f0e-5f0e-4c39-9b9d-0d3cf4a1c0de",
  name: "Ada Lovelace",
  email: "ada@example.com",
  active: true,
  score: 98.625,
  balance: -120.5,
  createdAt: "2026-03-14T09:26:53.589Z",
  updatedAt: "2026-11-21T17:52:00.000Z",
  role: "administrator",
  manager: null,
  address: {
    street: "12 St James's Square",
    city: "London",
    zip: "SW1Y 4JH",
    country: "GB",
    location: { lat: 51.5074, lon: -0.1278 },
  },
  tags: ["mathematics", "engines", "poetry", "analysis"],
  settings: { theme: "dark", language: "en", notifications: { email: true, push: false, sms: false }, pageSize: 50 },
  visits: [12, 7, 33, 1024, 5],
  lastOrder: { id: 7781, total: 249.99, currency: "GBP", items: 3 },
};

const page = {
  page: 1,
  total: 12,
  next: null,
  items: Array.from({ length: 12 }, (_, index) => ({
    ...structuredClone(person),
    id: index,
    name: `Person number ${index}`,
    score: index * 1.5,
  })),
};

const records = Array.from({ length: 100 }, (_, index) => ({
  id: index,
  name: `record ${index}`,
  price: index * 1.25 + 0.1,
  stock: index % 7,
  active: index % 3 === 0,
  tag: ["red", "green", "blue"][index % 3] as string,
}));

const text = {
  title: "Война и мир",
  author: "Лев Толстой",
  摘要: "长篇小说",
  lines: [
    "Все счастливые семьи похожи друг на друга,",
    "каждая несчастливая семья несчастлива по-своему.",
    "吾輩は猫である。名前はまだ無い。",
    "안녕하세요, 세계! 반갑습니다.",
    "😀 emoji and Latin text mixed",
  ],
  body: "Мой дядя самых честных правил, когда не в шутку занемог ".repeat(5),
};

/** Values by the end of the ids of the cases that use them. */
export const objects = { "1KB": person, "10KB": page, records, text } as const;

/** Lengths of bytes by the end of the ids. */
export const lengths = { "1MB": 2 ** 20, "64MB": 2 ** 26 } as const;
