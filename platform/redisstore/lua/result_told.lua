-- 선수가 판의 결과를 들었다고 적는다. 여러 번 불러도 같다.
-- KEYS[1]  {mm}:owed:<player>  string 'owed:<match>'(들을 결과) 또는 'told:<match>'(들은 결과)
-- ARGV     1 match_id  2 owed_ms
-- 답       1 적었다  0 다른 판의 결과를 아직 듣지 못해 그대로 두었다
-- 놓아주기(player_release)보다 먼저 올 수 있다. 그래서 지우지 않고 들었다고 적는다.
-- 불변조건 듣지 못한 다른 판의 결과는 남는다.
local held = redis.call('GET', KEYS[1])
if held and held ~= 'owed:' .. ARGV[1] and string.sub(held, 1, 5) == 'owed:' then
  return 0
end
redis.call('SET', KEYS[1], 'told:' .. ARGV[1], 'PX', ARGV[2])
return 1
