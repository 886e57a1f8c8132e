/**
 * How callers word what comes after an order: changes, additions, counts, asking again, cancelling. General ways of speaking,
 * written from how English is spoken across a counter; which drinks and sizes there are comes from the menu.
 */
import type { Vocabulary } from '../../wire/vocabulary.js';
import { list, phrases } from '../small-talk.js';
import { DRINKS, MILKS } from './menu.js';

/** Slots for these wordings; they go beside the vocabulary's own. */
export const WORDING_SLOTS: Vocabulary['slots'] = {
  drinks: DRINKS.map((drink) => `${drink}s`),
  few: list(`two | three | four | five | six | a couple of`),
  lead: list(
    `actually | actually | sorry | no | no wait | wait | oh | oh and | oh sorry | and | okay | um | hmm | well | then
    | actually no | you know what | i think | on second thought | i changed my mind | but | also | yes | no actually`,
  ),
  request: list(
    `can you | could you | would you | can we | please | i'd like to | i want to | let me | let's | can i | could i
    | can you please | could you please | i would like to | i need to | may i | would you please`,
  ),
  it: list(`it | it | it | that | that | them | this one | that one | the order | my order | the drink | mine`),
  kind: list(
    `{size} | {size} | {size} | a {size} | a {size} | a {size} one | {size} one | the {size} one | {roast} | a {roast}
    | {shots} | a {shots} | single | double | triple | a double | a triple | a single`,
  ),
  milkKind: MILKS.filter((milk) => milk !== 'milk' && milk !== 'cream'),
  change: list(`make it | make that | change it to | change that to | change my order to | i meant | i said | no i said
    | let me change that to | switch it to | switch that to | actually | no | sorry`),
};

export const WORDING: Vocabulary['phrases'] = [
  ...phrases(
    5,
    `[{lead}] [{request}] make {it} {kind} [instead] [please] | [{lead}] {want} {kind} [instead] [please]
    | [{article}] {item} instead [please]`,
  ),
  // Rare beside "get a", which sounds much like "get two".
  ...phrases(1, `{want} {few} [{modifiers}] {drinks} [with {addition}] [please]`),
  ...phrases(
    3,
    `[{lead}] [{request}] change {it} to [{article}] {item} [please] | [{lead}] [{request}] change {it} to {kind}
    | [{lead}] [{request}] add {additions} [to {it}] [please] | [{lead}] {kind} [instead] [please]
    | [{lead}] {want} {additions} [instead] [in it] [please] | {few} [{modifiers}] {drinks} [with {addition}] [please]
    | [{lead}] [{request}] make the {drink} {kind} [instead] [please] | [{lead}] {request} cancel {it} [please]
    | [{lead}] cancel {it} [please] | [{lead}] {want} [{article}] {item} [too] [as well] [instead] [then]`,
  ),
  ...phrases(
    1.5,
    `[{lead}] {request} have {it} with {additions} [instead] [please] | [{lead}] with {additions} [instead] [please]
    | [{lead}] no {milk} [please] | [{lead}] no {sweetener} [please] | [{lead}] without {sweetener} [please]
    | [{lead}] without {milk} [please] | [{lead}] {request} have {it} without {milk} | [{lead}] make {it} with {additions}
    | [{lead}] [{request}] use {milk} instead [please] | [{lead}] {milk} instead [please] | [{lead}] [{request}] add [{article}] {item} [please]
    | [{lead}] make {it} {few} [please] | [{lead}] {few} of them [please] | [{lead}] {few} [please]
    | [{lead}] i'd rather have {item} | [{lead}] i'd rather have {milk} | [{lead}] i'd prefer {milk} [please]
    | [{lead}] i'd prefer [{article}] {item} | [{lead}] [{request}] skip the {sweetener} [please]
    | [{lead}] [{request}] leave out the {milk} [please] | [{lead}] [{request}] leave out the {sweetener} [please]
    | [{lead}] [{request}] remove the {drink} [please] | [{lead}] [{request}] take off the {drink} [please]
    | [{lead}] [{request}] take the {drink} off [please] | [{lead}] [{request}] drop the {drink} [please]
    | [{lead}] [{request}] cancel the {drink} [please] | [{lead}] i don't want the {drink} [any more] [anymore]
    | [{lead}] i don't want {milk} | [{lead}] the {drink} should be {kind} | [{lead}] it should be {kind}
    | [{lead}] [{request}] change the {drink} to {kind} | [{lead}] [{request}] change the {drink} to [{article}] {item}
    | in [{article}] {size} cup [please] | [{lead}] i need [{article}] {kind} | [{lead}] i said {kind}
    | [{lead}] i meant {kind} | {kind} not {kind} | [{lead}] the {kind} please | both with {addition} [please]
    | both {kind} [please] | all with {addition} | [{lead}] a {milkKind} {drink} [please]
    | {want} [{article}] [{size}] {milkKind} {drink} [please] | [{lead}] [{request}] switch to {milk} [please]
    | [{lead}] {milk} instead of {milk} [please] | [{lead}] instead of {milk} {milk} [please]
    | [{lead}] {kind} [and] with {additions} [please] | {want} {article} {item} and {few} {drinks} [please]`,
  ),
  ...phrases(
    1,
    `[{lead}] [{request}] cancel everything [please] | [{lead}] [{request}] cancel all of it [please]
    | [{lead}] [{request}] cancel the whole order [please] | [{lead}] i want to cancel [please] | [{lead}] cancel [please]
    | [{lead}] i have to cancel [the order] [my order] | is it possible to cancel [it] [my order] [the order]
    | [{lead}] [{request}] delete my order [please] | [{lead}] i don't want {it} [any more] [anymore]
    | [{lead}] please cancel | [{lead}] never mind please cancel {it} | [{lead}] i'm sorry i have to cancel
    | i am sorry | i'm sorry | [{lead}] [a] smaller one [please] | [{lead}] [a] bigger one [please] | [{lead}] [a] larger one [please]
    | [{lead}] {request} get a bigger one | {request} get a smaller one | {request} make {it} bigger | {request} make {it} smaller
    | {few} sugars [please] | with {few} sugars [please] | one sugar [please] | more milk [please] | more sugar [please]
    | the same [again] [please] | the same but {kind} | same but {kind} | one more {drink} [please] | another {drink} [please]
    | another one [please] | one more [please] | the first one [please] | the second one [please] | the {drink} [please]`,
  ),
  ...phrases(
    1,
    `[{lead}] how much is that [now] [all together] | [{lead}] how much is it [now] | what's the total [now]
    | what does that cost | what does it cost | what would that cost | how much does it cost | how much does that cost
    | how much will it be | [{lead}] what's the price [please] | what is the price | [{request}] repeat my order [please]
    | [{request}] read my order back [please] | [{request}] read back my order [please] | what's my order [now]
    | what is my order [now] | {request} tell me my order [again] [once more] | {request} check my order
    | what do i have | what do i have so far | what have i got | what did i order [so far]
    | when can i come [and get it] | when can i get it | when can i pick {it} up | when is it ready | when will that be ready
    | what time will it be ready | what time is it ready | what time can i pick it up | what time will that be ready
    | how long is the wait | how long will that take | when is {it} ready | when are they ready | will it be long
    | thank you bye | thanks bye | thank you goodbye | great thank you | great thanks | perfect thank you | perfect thanks
    | okay thank you | okay thanks | okay bye | no thanks bye | that's everything thanks | that's everything thank you
    | that is all thanks | that's all thanks | that's it thanks | yes perfect | no that's all thank you`,
  ),
];

/** Plurals, and drinks as they are read letter by letter, which the CMU dictionary lacks. */
export const WORDING_PRONUNCIATIONS: Vocabulary['pronunciations'] = {
  lattes: ['L AA T EY Z', 'L AE T EY Z', 'L AE T S'],
  mochas: ['M OW K AH Z'],
  americanos: ['AH M EH R IH K AA N OW Z', 'AH M EH R AH K AE N OW Z'],
  cappuccinos: ['K AE P AH CH IY N OW Z', 'K AA P UW CH IY N OW Z', 'K AE P UW CH IY N OW Z'],
  espressos: ['EH S P R EH S OW Z'],
  coffees: ['K AA F IY Z', 'K AO F IY Z'],
  // Voices that know no Italian read these as they are spelt.
  latte: ['L AA T EY', 'L AE T EY', 'L AE T'],
  cappuccino: ['K AE P AH CH IY N OW', 'K AA P UW CH IY N OW', 'K AE P UW CH IY N OW'],
};
