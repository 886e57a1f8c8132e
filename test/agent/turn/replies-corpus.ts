/**
 * Replies of voice agents for the cutting of text: written by hand in several languages, and made of templates with a seed.
 * What must not be cut stands between ⟦ and ⟧.
 */

export interface Reply {
  readonly language: string;
  readonly text: string;
  /** Stretches without a cut inside, as half-open ranges of UTF-16 indices. */
  readonly whole: readonly (readonly [from: number, until: number])[];
}

/** Replies by language: the seams between pieces may be anywhere but inside the marked stretches. */
const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  en: [
    'Sure, one latte. That is ⟦$4.50⟧, ready in five minutes.',
    'Your total comes to ⟦$1,234.56⟧. Would you like a receipt?',
    'We open at ⟦7 a.m.⟧ and close at ⟦9:30 p.m.⟧ on weekdays.',
    '⟦Dr. Bean⟧ is in today. So is ⟦Mr. St. John⟧, I think.',
    'It was written by ⟦J. R. R. Tolkien⟧, who lived in Oxford.',
    'See ⟦https://example.com/menu?a=1,2&b=3⟧ for the menu. Anything else?',
    'Mail ⟦jane.doe@mail.example.co.uk⟧, and we will answer.',
    'Our server runs ⟦Node.js⟧, version ⟦20.19.1⟧, of course.',
    'We have syrups, ⟦e.g. vanilla⟧, and milks, ⟦i.e. whole⟧ or skim.',
    'Platform ⟦No. 5⟧ is on the left. Go past ⟦St. Louis⟧ Street.',
    'He works at ⟦Acme Inc. in⟧ Boston. They make cups.',
    'The ⟦U.S. dollar⟧ is fine. We take euros, too.',
    'Well... let me see. We have ⟦3.5⟧ ounces left.',
    'Hmm… okay, I can do that for you.',
    '"Sure," he said, "one latte." Then he left.',
    'One latte (large, hot), one mocha. Right?',
    'Wow!! That is ⟦1,000⟧ points — well done!',
    'Between ⟦3:30⟧ and ⟦4:15⟧, we are closed; after that, we are open.',
    'The score was ⟦2–1⟧, or ⟦10–12⟧ if you count all.',
    'It is open ⟦Mon–Fri⟧, and on weekends by request.',
    'Martin Luther ⟦King Jr. was⟧ born here. Did you know?',
    'On ⟦June 3, 2026⟧ we are closed. Sorry!',
    'We ship to Washington, ⟦D.C. as⟧ well. It takes a day.',
    'That is ⟦approx. 5⟧ minutes, vs. ten before.',
    'It is ⟦Fig. 3⟧ on ⟦p. 12⟧, see ⟦vol. 2⟧ as well.',
    'Open ⟦/etc/app.conf⟧ and set ⟦cache.size=1.5⟧ there.',
    'The address is ⟦192.168.0.1:8080⟧, and the password is on the receipt.',
    'Cold brew is ⟦$5⟧. Iced tea is ⟦$3.25⟧. Water is free.',
    'I can certainly get you a large iced latte with oat milk and two pumps of vanilla for ⟦$6.75⟧ today.',
    'One large dark roast coffee with cream and brown sugar will be ready for you at the counter in about five minutes',
    'We have three of them: ⟦1. Latte⟧ ⟦2. Mocha⟧ ⟦3. Tea⟧.',
    '⟦Ms. O’Neil⟧, it’s ready! Come by any time.',
    'Ask for ⟦Prof. A. B. Smith⟧ or ⟦Lt. Jones⟧ at the desk.',
    'Yes. No. Maybe. It depends on the day.',
    '**Sure**, one latte. *Anything* else?',
    'Great choice! 😀 One latte, then. 🎉',
  ],
  de: [
    'Gerne, einen Latte. Das macht ⟦4,50 €⟧, bitte.',
    'Wir haben ⟦am 3. Mai⟧ geschlossen. Danach wieder ab ⟦8:30 Uhr⟧.',
    'Das sind ⟦1.234,56 Euro⟧, inklusive Steuer.',
    'Wir haben Sirup, ⟦z. B. Vanille⟧, und Milch, ⟦d.h. Kuhmilch⟧.',
    '⟦Dr. Müller⟧ ist heute da. Möchten Sie warten?',
    'Das dauert ⟦ca. 5⟧ Minuten, ⟦bzw. länger⟧ am Wochenende.',
    'Am ⟦24.12. haben⟧ wir zu. Wir öffnen am ⟦27.12.2026⟧ wieder.',
    'Sie sagte: „Ja, gerne.“ Dann ging sie.',
    'Die ⟦Nr. 12⟧ ist fertig! Bitte kommen Sie zur Theke.',
    'Schreiben Sie an ⟦info@kaffee.example⟧, oder rufen Sie an.',
    'Einen Moment – ich sehe nach. So, da ist es.',
    'Natürlich – mit Hafermilch. Sonst noch etwas?',
    'Das sind ⟦2 Mio. Bohnen⟧ im Jahr. Viel, nicht wahr?',
  ],
  fr: [
    'Bien sûr, un café. Cela fait ⟦4,50 €⟧, s’il vous plaît.',
    '« Oui ! » Un latte, tout de suite.',
    'Nous ouvrons à ⟦7 h 30⟧ ; nous fermons à ⟦19:00⟧.',
    '⟦M. Dupont⟧ est là. ⟦Mme. Durand⟧ aussi, je crois.',
    'Voulez-vous du lait ? Du sucre, peut-être ?',
    'C’est ⟦env. 5⟧ minutes, pas plus.',
    'Le prix est de ⟦1 234,56 €⟧. Merci !',
  ],
  es: [
    'Claro, un café con leche. Son ⟦4,50 €⟧, por favor.',
    '¡Claro! ¿Quiere azúcar? Abrimos a las ⟦7:30⟧.',
    'El ⟦Sr. García⟧ no está. La ⟦Dra. López⟧, sí.',
    'Vive en ⟦EE.UU. desde⟧ hace años. Le gusta el café.',
    'Tenemos leche, ⟦p.ej. de avena⟧, y azúcar.',
    'Pase a la ⟦pág. 12⟧, por favor. Allí está.',
  ],
  hi: [
    'जी हाँ, एक लाते। कुल ⟦4.50 रुपये⟧ हुए।',
    'ज़रूर, अभी लाता हूँ। ⟦डॉ. शर्मा⟧ यहाँ हैं।',
    'हम ⟦7:30⟧ बजे खुलते हैं, और ⟦9:00⟧ बजे बंद होते हैं।',
    'कुल ⟦रु. 1,250.75⟧ हुए। और कुछ?',
    'नमस्ते! आपको क्या चाहिए? चाय या कॉफ़ी?',
    'आपका ऑर्डर दस मिनट में तैयार हो जाएगा और आप उसे काउंटर से ले सकते हैं लेकिन कृपया अपना नाम बताइए',
  ],
  ja: [
    'かしこまりました。ラテを一つですね。',
    'はい、⟦4.50⟧ドルです。少々お待ちください。',
    '「はい。」と言いました。次は何にしますか？',
    '営業時間は⟦7:30⟧から⟦21:00⟧までです。お待ちしています！',
    '合計は⟦１，２５０⟧円です。よろしいですか？',
    'えっと……ラテですね、わかりました。',
  ],
  zh: [
    '好的，一杯拿铁。一共⟦4.50⟧元。',
    '我们⟦3：30⟧关门，⟦7:00⟧开门。还要别的吗？',
    '“好的，”他说，“一杯拿铁。”然后走了。',
    '请看 ⟦https://example.com/菜单?a=1⟧，谢谢！',
    '一共⟦1,234.56⟧元；请稍等。',
    '当然可以——一杯大杯拿铁，马上就好。',
    '有拿铁（热的，大杯）。您要吗？',
  ],
  ar: [
    'بالتأكيد، قهوة واحدة. السعر ⟦4.50⟧ دولار.',
    'نفتح الساعة ⟦7:30⟧ صباحا، ونغلق الساعة ⟦9:00⟧ مساء.',
    'هل تريد شيئا آخر؟ نعم، لدينا حليب.',
    'السعر ⟦١٬٢٣٤٫٥٦⟧ ريال؛ شكرا لك!',
    '⟦د. أحمد⟧ هنا اليوم، تفضل.',
    'اكتب إلى ⟦info@example.com⟧، وسنجيب.',
  ],
};

/** Replies with slots: `{price}` and the like are filled from {@link SLOTS}, and may stand behind any first clause. */
const TEMPLATES: Readonly<Record<string, { readonly first: readonly string[]; readonly behind: readonly string[] }>> = {
  en: {
    first: [
      'Sure,',
      'Okay,',
      'Of course!',
      'Let me see,',
      'Certainly;',
      'Well…',
      'Right.',
      'Here you go:',
      'Oh —',
      'I have that,',
      '',
    ],
    behind: [
      'one {drink} for {price}.',
      'that is {price}, ready at {time}.',
      '{person} will be with you at {time}.',
      'we are at {place}, and we open at {time}.',
      'write to {mail} or see {link}.',
      'it comes to {price} with {number} points.',
      'is that for {person}?',
      'the {version} update is out since {time}!',
      'your order {number} costs {price}; {person} has it.',
      'I would like to tell you that {person} has made your {drink} with milk and sugar and that it costs {price}.',
    ],
  },
  de: {
    first: ['Gerne,', 'Klar!', 'Einen Moment –', 'Natürlich,', 'So:', ''],
    behind: [
      'das macht {priceDe}.',
      'wir haben {dateDe} offen, ab {time24}.',
      '{personDe} kommt um {time24}.',
      'schreiben Sie an {mail}, oder sehen Sie auf {link} nach.',
    ],
  },
  fr: {
    first: ['Bien sûr,', 'Oui !', 'Voyons :', 'D’accord,', ''],
    behind: ['cela fait {priceDe}.', 'nous ouvrons à {time24} ; venez !', 'écrivez à {mail}, ou voyez {link}.'],
  },
  es: {
    first: ['Claro,', '¡Por supuesto!', 'Un momento:', 'Sí,', ''],
    behind: ['son {priceDe}.', '¿viene a las {time24}?', 'escriba a {mail}, o mire {link}.'],
  },
  hi: {
    first: ['ज़रूर,', 'जी हाँ।', 'ठीक है,', ''],
    behind: ['कुल {price} हुए।', 'हम {time24} बजे खुलते हैं।', '{mail} पर लिखिए।'],
  },
  ja: {
    first: ['はい、', 'かしこまりました。', ''],
    behind: ['{number}円です。', '{time24}からです。', '「ラテ」ですね。'],
  },
  zh: {
    first: ['好的，', '当然！', ''],
    behind: ['一共{number}元。', '我们{time24}开门，请来。', '请看 {link} ，谢谢。'],
  },
  ar: {
    first: ['بالتأكيد،', 'نعم.', ''],
    behind: ['السعر {price}.', 'نفتح الساعة {time24}، تفضل.', 'اكتب إلى {mail}.'],
  },
};

type Random = () => number;
const of = <T>(random: Random, all: readonly T[]): T => {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new RangeError('There is nothing to choose from.');
  return one;
};
const upTo = (random: Random, most: number): number => Math.floor(random() * (most + 1));
const two = (value: number): string => String(value).padStart(2, '0');

const SLOTS: Readonly<Record<string, (random: Random) => string>> = {
  price: (random) =>
    of(random, ['$', '€', '£']) +
    of(random, ['', '1,', '12,']).replace(/,$/, () => `,${two(upTo(random, 99))}`) +
    `${upTo(random, 9)}.${two(upTo(random, 99))}`,
  priceDe: (random) =>
    `${of(random, ['', '1.', '12.']).replace(/\.$/, () => `.${two(upTo(random, 99))}`)}${upTo(random, 9)},${two(upTo(random, 99))} €`,
  time: (random) =>
    `${1 + upTo(random, 11)}${of(random, ['', `:${two(upTo(random, 59))}`])} ${of(random, ['a.m', 'p.m'])}`,
  time24: (random) => `${upTo(random, 23)}:${two(upTo(random, 59))}`,
  dateDe: (random) => `am ${1 + upTo(random, 30)}. ${of(random, ['Januar', 'März', 'Mai', 'Juli', 'Dezember'])}`,
  person: (random) =>
    of(random, [
      'Dr. Bean',
      'Mr. Hill',
      'Mrs. St. Clair',
      'J. R. R. Tolkien',
      'Prof. A. Lee',
      'Ms. Day',
      'Rev. T. Pratt',
    ]),
  personDe: (random) => of(random, ['Dr. Weiß', 'Hr. Müller', 'Prof. Dr. Lang', 'Fr. Groß']),
  place: (random) => of(random, ['St. Louis', 'No. 5 Oak Street', 'Mt. Hood', 'Ft. Worth', '12 Elm Street']),
  mail: (random) =>
    `${of(random, ['jane.doe', 'a_b', 'info', 'x-y.z'])}@${of(random, ['mail.example.co', 'host.example', 'a.b.example'])}`,
  link: (random) =>
    `${of(random, ['https://', 'http://', 'www.', ''])}example.${of(random, ['com', 'org', 'co.uk'])}${of(random, ['', '/a/b.html', '/m?a=1&b=2,3', '/x:y;z'])}`,
  number: (random) =>
    of(random, [
      `${1 + upTo(random, 9)},${100 + upTo(random, 899)}`,
      `${upTo(random, 99)}.${upTo(random, 99)}`,
      String(upTo(random, 9_999)),
    ]),
  version: (random) => `v${upTo(random, 20)}.${upTo(random, 30)}.${upTo(random, 9)}`,
};

/** Mulberry32: the same seed gives the same replies everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The marks of what must stay whole are taken out, and where they stood is kept. */
function read(language: string, marked: string): Reply {
  const whole: [number, number][] = [];
  let text = '';
  for (const part of marked.split(/(⟦[^⟧]*⟧)/u)) {
    const isWhole = part.startsWith('⟦');
    const plain = isWhole ? part.slice(1, -1) : part;
    if (isWhole) whole.push([text.length, text.length + plain.length]);
    text += plain;
  }
  return { language, text, whole };
}

function made(language: string, random: Random): Reply {
  const template = TEMPLATES[language];
  if (template === undefined) throw new RangeError(`There is no template for ${language}.`);
  const gap = /ja|zh/.test(language) ? '' : ' ';
  const parts = Array.from({ length: 1 + upTo(random, 2) }, () => of(random, template.behind));
  const all = [of(random, template.first), ...parts].filter((part) => part !== '').join(gap);
  const sentences = all
    .replace(/(?:^|[.?!] )\p{Ll}/gu, (begin) => begin.toUpperCase())
    .replaceAll('{drink}', () => of(random, ['latte', 'mocha', 'cold brew', 'cup of tea']));
  return read(
    language,
    sentences.replace(/\{(\w+)\}/g, (_match, slot: string) => `⟦${SLOTS[slot]?.(random) ?? ''}⟧`),
  );
}

/** All replies written by hand, and as many made ones as are missing to the number. */
export function replies(count: number, seed: number): readonly Reply[] {
  const byHand = Object.entries(BY_HAND).flatMap(([language, all]) => all.map((marked) => read(language, marked)));
  const random = randomOf(seed);
  const languages = Object.keys(TEMPLATES);
  const missing = Math.max(0, count - byHand.length);
  return [
    ...byHand,
    ...Array.from({ length: missing }, () => made(random() < 0.5 ? 'en' : of(random, languages), random)),
  ];
}
