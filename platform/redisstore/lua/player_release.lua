-- 판의 선수들을 놓아준다. 끝난 판이면 결과를 아직 듣지 못했음을 적는다. 여러 번 불러도 같다.
-- KEYS     선수마다 둘: {mm}:player:<player> 가드, {mm}:owed:<player> 들을 결과
-- ARGV     1 match_id  2 owed_ms (들을 결과가 남는 시간. 0이면 적지 않는다: 끝난 판이 아니다)
-- 답       이번에 놓아준 선수의 수
-- 불변조건 가드가 바로 그 판일 때만 지운다. 그 뒤에 얻은 대기표나 다른 판의 가드는 남는다.
--          이미 들은 판의 결과를 다시 들을 것으로 적지 않는다.
local released = 0
for i = 1, #KEYS, 2 do
  if redis.call('GET', KEYS[i]) == 'match:' .. ARGV[1] then
    released = released + redis.call('DEL', KEYS[i])
  end
  if ARGV[2] ~= '0' and redis.call('GET', KEYS[i + 1]) ~= 'told:' .. ARGV[1] then
    redis.call('SET', KEYS[i + 1], 'owed:' .. ARGV[1], 'PX', ARGV[2])
  end
end
return released
