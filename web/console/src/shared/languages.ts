// Languages that agents and teams are offered; any other that the server knows is shown too.

export const LANGUAGES = (
  "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn " +
  "ko ky lo lt lv mk ml mn mr ms my nb ne nl pa pl ps pt pt-BR ro ru si sk sl so sq sr sv sw ta te th tr uk ur uz vi " +
  "zh-Hans zh-Hant zu"
).split(" ");
