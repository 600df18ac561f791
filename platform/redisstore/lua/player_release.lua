-- 끝난 판의 선수들을 놓아준다. 여러 번 불러도 같다.
-- KEYS     선수마다 {mm}:player:<player> 가드
-- ARGV     1 match_id
-- 답       이번에 놓아준 선수의 수
-- 불변조건 가드가 바로 그 판일 때만 지운다. 그 뒤에 얻은 대기표나 다른 판의 가드는 남는다.
local released = 0
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == 'match:' .. ARGV[1] then
    released = released + redis.call('DEL', KEYS[i])
  end
end
return released
