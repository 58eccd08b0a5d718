import type { PersonFakeKind } from '../definition.js';
import type { Dice } from './dice.js';

const FIRST_NAMES: readonly string[] = (
  'Ada Amir Ana Anton Beatriz Bruno Carla Chen Clara Daniel Diego Elena Emil Emma Farah Felix Gabriel Grace Hana ' +
  'Henrique Hugo Ines Ivan James Joana José Julia Karim Laura Leon Leticia Lucas Luísa Maria Mateus Maya Mei Miguel ' +
  'Nadia Noah Nora Olga Omar Paula Pedro Priya Rafael Rosa Samir Sara Sofia Tariq Tereza Thiago Tomás Vera Victor ' +
  'Wanda Yara Yusuf Zoë'
).split(' ');

const LAST_NAMES: readonly string[] = (
  'Adler Almeida Alves Barbosa Becker Bianchi Campos Cardoso Chen Costa Dias Duarte Eriksen Ferreira Fischer Fonseca ' +
  'Garcia Gomes Haddad Hansen Ito Jensen Kaur Keller Khan Klein Kumar Lima Lopes Machado Martins Mendes Meyer Moreau ' +
  'Moreira Nakamura Nunes Okafor Oliveira Pereira Petrov Pinto Ribeiro Rocha Rossi Santos Sato Schmidt Silva Singh ' +
  'Sousa Tavares Teixeira Tran Vieira Wagner Weber Wright Yamada Zhang'
).split(' ');

const STREETS: readonly string[] = (
  'Acacia Avenue|Baker Street|Canal Road|Castle Lane|Cedar Street|Church Road|Elm Street|Garden Row|Harbour Street|' +
  'High Street|Hill Road|King Street|Lake View|Maple Avenue|Market Square|Mill Lane|Oak Street|Orchard Way|Park Avenue|' +
  'River Street|School Lane|Station Road|Sunset Boulevard|Willow Close'
).split('|');

const CITIES: readonly string[] = (
  'Ashford|Belmont|Bristow|Carlton|Clifton|Dunmore|Easton|Fairview|Georgetown|Hampton|Kingston|Lakewood|Milton|Newport|' +
  'Oakdale|Preston|Riverside|Salem|Springfield|Weston'
).split('|');

/** Names as they stand in an e-mail address: without accents, small. */
const asciiOf = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();

const FIRST_ASCII: readonly string[] = FIRST_NAMES.map(asciiOf);
const LAST_ASCII: readonly string[] = LAST_NAMES.map(asciiOf);

interface Person {
  readonly first: number;
  readonly last: number;
  readonly number: number;
  readonly dice: Dice;
}

/** `example.com` and the numbers 555-0100 to 555-0199 belong to nobody (RFC 2606, NANPA). */
const WRITE: Readonly<Record<PersonFakeKind, (person: Person) => string>> = {
  fullName: ({ first, last }) => `${FIRST_NAMES[first]} ${LAST_NAMES[last]}`,
  firstName: ({ first }) => FIRST_NAMES[first]!,
  lastName: ({ last }) => LAST_NAMES[last]!,
  email: ({ first, last, number }) => `${FIRST_ASCII[first]}.${LAST_ASCII[last]}${number}@example.com`,
  username: ({ first, last, number }) => `${FIRST_ASCII[first]}_${LAST_ASCII[last]}${number}`,
  phone: ({ dice }) => `+1-${200 + dice.below(700)}-555-${String(100 + dice.below(100)).padStart(4, '0')}`,
  address: ({ dice }) => `${1 + dice.below(250)} ${of(STREETS, dice)}, ${of(CITIES, dice)}`,
  postCode: ({ dice }) => String(10_000 + dice.below(90_000)),
  pictureUrl: ({ dice }) => `https://example.com/portraits/${dice.below(1000)}.jpg`,
};

const of = (values: readonly string[], dice: Dice): string => values[dice.below(values.length)]!;

/**
 * One detail of the person of record `index`. `personDice` must be of the same salt for all details, so that the names,
 * the e-mail address and the user name of a record are of one person.
 */
export function personFake(kind: PersonFakeKind, personDice: Dice, dice: Dice): (index: number) => string {
  const write = WRITE[kind];
  return (index) => {
    personDice.seat(index);
    const first = personDice.below(FIRST_NAMES.length);
    const last = personDice.below(LAST_NAMES.length);
    const number = 1 + personDice.below(999);
    dice.seat(index);
    return write({ first, last, number, dice });
  };
}
