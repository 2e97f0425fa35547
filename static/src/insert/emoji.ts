/** Emoji and their names. Loaded with the first colon that asks for one. */

/** One a line would be three hundred lines: sign, name, other names. */
const TABLE = `
😀 grinning happy|😃 smiley|😄 smile|😁 grin|😆 laughing haha|😅 sweat_smile phew|🤣 rofl|😂 joy tears|🙂 slight_smile
🙃 upside_down|😉 wink|😊 blush|😇 innocent angel_face|🥰 smiling_hearts love|😍 heart_eyes|🤩 star_struck wow|😘 kiss
😋 yum tasty|😛 tongue|😜 crazy_wink|🤪 zany|🤑 money_face|🤗 hug|🤭 oops giggle|🤫 shush quiet|🤔 thinking hmm
🤐 zipper_mouth|🤨 raised_eyebrow|😐 neutral|😑 expressionless|😶 no_mouth|😏 smirk|😒 unamused|🙄 eye_roll|😬 grimace
😌 relieved|😔 pensive|😪 sleepy|😴 sleeping zzz|😷 mask ill|🤒 thermometer fever|🤕 bandage hurt|🤢 nauseated|🤧 sneeze
🥵 hot_face|🥶 cold_face|🥴 woozy|😵 dizzy|🤯 mind_blown exploding|🤠 cowboy|🥳 party_face celebrate|😎 sunglasses cool
🤓 nerd|🧐 monocle|😕 confused|😟 worried|🙁 frown|😮 open_mouth surprised|😲 astonished|😳 flushed|🥺 pleading please
😧 anguished|😨 fearful|😰 anxious|😥 sad_relieved|😢 cry|😭 sob|😱 scream|😖 confounded|😞 disappointed|😓 sweat|😩 weary
😫 tired|🥱 yawn|😤 huff|😡 rage|😠 angry|🤬 cursing|😈 devil imp|💀 skull|💩 poop|🤡 clown|👻 ghost|👽 alien|🤖 robot
👋 wave hello|🤚 back_of_hand|✋ raised_hand stop_hand|🖖 vulcan|👌 ok_hand|🤏 pinch|✌️ victory peace
🤞 fingers_crossed luck|🤟 love_you|🤙 call_me|👈 point_left|👉 point_right|👆 point_up|👇 point_down
👍 thumbsup +1 yes like|👎 thumbsdown -1 no|✊ fist|👊 punch|👏 clap applause|🙌 raised_hands hooray|👐 open_hands
🤝 handshake deal|🙏 pray thanks please|✍️ writing_hand|💪 muscle strong|🧠 brain|👀 eyes look|👁️ eye|👅 tongue_out
👶 baby|🧑 person|👩 woman|👨 man|👵 old_woman|👴 old_man|🙋 raising_hand|🤷 shrug|🤦 facepalm|🙅 no_good|🙆 ok_person
💁 tipping_hand|🙇 bow|🕵️ detective|👷 builder construction_worker|🧑‍💻 technologist developer|🧑‍🏫 teacher
🧑‍🔬 scientist|🧑‍🎨 artist|🧑‍🚀 astronaut|👪 family|💃 dancer|🏃 running|🚶 walking|❤️ heart love|🧡 orange_heart
💛 yellow_heart|💚 green_heart|💙 blue_heart|💜 purple_heart|🖤 black_heart|🤍 white_heart|💔 broken_heart|💕 two_hearts
💯 hundred 100|💢 anger|💥 boom collision|💫 dizzy_star|💦 splash|💨 dash|💬 speech chat|💭 thought|💤 zzz sleep
🔥 fire lit|✨ sparkles shiny|⭐ star|🌟 glowing_star|⚡ zap lightning|☀️ sun sunny|🌤️ partly_sunny|☁️ cloud|🌧️ rain
⛈️ storm|❄️ snowflake|⛄ snowman|🌈 rainbow|🌊 wave_water ocean|🌍 earth world globe|🌙 moon|🌱 seedling
🌲 evergreen tree|🌳 deciduous_tree|🌴 palm_tree|🌵 cactus|🌷 tulip|🌹 rose|🌻 sunflower|🍀 four_leaf_clover lucky
🍁 maple_leaf|🐶 dog|🐱 cat|🐭 mouse_face|🐰 rabbit|🦊 fox|🐻 bear|🐼 panda|🐨 koala|🐯 tiger|🦁 lion|🐮 cow|🐷 pig|🐸 frog
🐵 monkey|🙈 see_no_evil|🙉 hear_no_evil|🙊 speak_no_evil|🐔 chicken|🐧 penguin|🐦 bird|🦆 duck|🦉 owl|🐺 wolf|🐴 horse
🦄 unicorn|🐝 bee|🐛 bug caterpillar|🦋 butterfly|🐌 snail|🐞 ladybug|🐢 turtle|🐍 snake python|🐙 octopus|🐠 fish
🐬 dolphin|🐳 whale|🦈 shark|🐘 elephant|🦒 giraffe|🐑 sheep|🍏 apple|🍐 pear|🍊 orange tangerine|🍋 lemon|🍌 banana
🍉 watermelon|🍇 grapes|🍓 strawberry|🍒 cherries|🍑 peach|🥭 mango|🍍 pineapple|🍅 tomato|🥑 avocado|🥦 broccoli|🌽 corn
🥕 carrot|🍞 bread|🧀 cheese|🥚 egg|🍳 cooking|🥞 pancakes|🍔 burger|🍟 fries|🍕 pizza|🌮 taco|🥗 salad|🍝 spaghetti
🍜 noodles|🍣 sushi|🍦 ice_cream|🍩 donut|🍪 cookie|🎂 cake birthday|🍰 shortcake|🍫 chocolate|🍿 popcorn|☕ coffee|🍵 tea
🍺 beer|🍻 cheers|🥂 toast_glasses|🍷 wine|🍴 fork_knife|⚽ soccer football|🏀 basketball|🎾 tennis|🏆 trophy winner
🥇 gold_medal first|🥈 silver_medal|🥉 bronze_medal|🎯 target dart goal|🎮 video_game|🎲 dice|🧩 puzzle|🎨 art palette
🎵 music note|🎸 guitar|🎤 microphone|🎬 clapper film|🎉 tada party hooray|🎊 confetti|🎈 balloon|🎁 gift present
🎄 christmas_tree|🎃 pumpkin halloween|🚗 car|🚕 taxi|🚌 bus|🚲 bike bicycle|✈️ airplane flight
🚀 rocket launch ship_it|🚢 ship|🚂 train|🚦 traffic_light|🗺️ map|🏠 house home|🏢 office|🏥 hospital|🏫 school
🏭 factory|🏖️ beach|⛰️ mountain|🌃 night|⏰ alarm_clock|⌛ hourglass|⏳ hourglass_running wait|📱 phone mobile
💻 laptop computer|🖥️ desktop|⌨️ keyboard|🖱️ computer_mouse|🖨️ printer|📷 camera|📺 tv|💡 bulb idea|🔦 flashlight
🔋 battery|🔌 plug|💰 money_bag|💳 credit_card|💎 gem|⚖️ scales|🔧 wrench fix|🔨 hammer|⚙️ gear settings|🔗 link
📎 paperclip|✂️ scissors|📌 pushpin pin|📍 round_pin place|📝 memo note|✏️ pencil|📖 book open_book|📚 books
📅 calendar date|📊 bar_chart|📈 chart_up increasing|📉 chart_down decreasing|📋 clipboard|📁 folder
🗑️ trash wastebasket|📦 package box|📬 mailbox|✉️ envelope mail|🔒 lock locked|🔓 unlock|🔑 key|🛡️ shield
🔍 search magnifier|🔔 bell|🔕 no_bell mute|📣 megaphone announce|🚨 siren alert|✅ check done white_check_mark
☑️ ballot_check|✔️ tick|❌ x cross|❎ cross_box|➕ plus|➖ minus|❓ question|❗ exclamation|⚠️ warning caution
⛔ no_entry|🚫 prohibited forbidden|♻️ recycle|🔄 arrows_circle refresh|➡️ arrow_right|⬅️ arrow_left|⬆️ arrow_up
⬇️ arrow_down|🔴 red_circle|🟠 orange_circle|🟡 yellow_circle|🟢 green_circle|🔵 blue_circle|🟣 purple_circle
⚫ black_circle|⚪ white_circle|🔺 red_triangle|🔶 orange_diamond|🏁 finish flag_checkered|🚩 flag red_flag
🏳️‍🌈 rainbow_flag pride
`;

/** A menu is read at a glance. */
const MOST = 8;

export type Emoji = readonly [sign: string, name: string, ...others: string[]];

export const EMOJI: readonly Emoji[] = TABLE.trim()
  .split(/[|\n]/)
  .map((entry) => entry.split(" ") as unknown as Emoji);

/** Exact names first, then those that begin with `query`, then those that have it within; short ones before long. */
export function findEmoji(query: string): readonly Emoji[] {
  const wanted = query.toLowerCase();
  const ranked = EMOJI.map((emoji) => ({ emoji, rank: Math.min(...emoji.slice(1).map((name) => rank(name, wanted))) }));
  return ranked
    .filter((one) => one.rank < Infinity)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, MOST)
    .map(({ emoji }) => emoji);
}

/** Longer than any name. */
const LONGEST = 100;

function rank(name: string, wanted: string): number {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return name.length;
  return name.includes(wanted) ? LONGEST + name.length : Infinity;
}
